import { describe, expect, it } from "vitest";
import { oneCluster } from "@/dev/test-portal";
import { type Claims, mergedClaims, personFromClaims } from "@/lib/auth/claims";
import { parseConfig } from "@/lib/config";

const portal = (more: object = {}, signIn: object = {}) =>
  parseConfig(
    JSON.stringify({
      url: "http://localhost:3000",
      appsHosts: "*.apps.localhost",
      signIn: { issuer: "https://idp.example", clientId: "berth", ...signIn },
      clusters: [oneCluster],
      ...more,
    }),
  );

const base = { iss: "https://idp.example", sub: "1", name: "One" };
const person = (claims: Claims, given = portal()) => personFromClaims({ ...base, ...claims }, given);

describe("a person", () => {
  it("is who the provider says, with the claims that accounts are made of and no others", () => {
    expect(person({ preferred_username: "one", secret_claim: "x", groups: ["a", "a", "b"], email: "O@x.org" })).toEqual(
      {
        issuer: "https://idp.example",
        subject: "1",
        name: "One",
        email: null,
        roles: ["researcher"],
        groups: ["a", "b"],
        claims: { preferred_username: "one" },
      },
    );
  });

  it.each([undefined, null, false, "true", 1, [true]])("has no e-mail when email_verified is %j", (email_verified) => {
    expect(person({ email: "o@x.org", email_verified })).toMatchObject({ email: null });
  });

  it("has the one value of a claim that comes as a list, and none of several", () => {
    const claimsOf = (preferred_username: unknown) => person({ preferred_username });
    expect(claimsOf(["one"])).toMatchObject({ claims: { preferred_username: "one" } });
    for (const none of [["one", "two"], [], [["one"]], [7]]) expect(claimsOf(none)).toMatchObject({ claims: {} });
  });

  it.each(["mail", "emails", "email_address"])(
    "B1: is refused without a verified e-mail where accounts go by %s",
    (name) => {
      const byMail = { account: { from: "claim", claim: name, pattern: "(.*)@x" } };
      const given = portal({ clusters: [{ ...oneCluster, ...byMail }] });
      expect(person({ [name]: "o@x" }, given)).toEqual({ refused: "email-unverified" });
      expect(person({ [name]: "o@x", email_verified: true }, given)).toMatchObject({ claims: { [name]: "o@x" } });
    },
  );

  it("B1: is refused without a verified e-mail where accounts go by it, under whatever name it comes", () => {
    const byMail = { account: { from: "claim", claim: "mail", pattern: "(.*)@x" } };
    const given = portal(
      { clusters: [oneCluster, { ...oneCluster, name: "two", ...byMail }] },
      { claims: { email: "mail" } },
    );
    expect(person({ mail: "o@x", email_verified: "true" }, given)).toEqual({ refused: "email-unverified" });
    expect(person({ mail: "o@x", email_verified: true }, given)).toMatchObject({
      email: "o@x",
      claims: { mail: "o@x" },
    });
  });

  it.each([{ iss: "https://other.example" }, { iss: undefined }, { iss: "https://idp.example.evil" }])(
    "is refused from %j",
    (claims) => expect(person(claims)).toEqual({ refused: "wrong-issuer" }),
  );

  it("may come from an issuer that spells itself with a slash, and is the same person", () => {
    expect(person({ iss: "https://idp.example/" })).toMatchObject({ issuer: "https://idp.example", subject: "1" });
  });

  it.each([undefined, "", 7, "x".repeat(300)])("is refused with the subject %j", (sub) => {
    expect(person({ sub })).toEqual({ refused: "not-completed" });
  });
});

describe("roles", () => {
  const roles = { "hpc-staff": "operator", "hpc-root": "admin" };

  it("come from the roles and the groups claim, by the site's mapping alone", () => {
    expect(person({ roles: ["hpc-root", "admin"] }, portal({}, { roles }))).toMatchObject({
      roles: ["researcher", "admin"],
    });
    expect(person({ groups: "hpc-staff" }, portal({}, { roles }))).toMatchObject({ roles: ["researcher", "operator"] });
    expect(person({ roles: ["admin", "operator"] }, portal({}, { roles }))).toMatchObject({ roles: ["researcher"] });
  });

  it.each(["hpc-root ", " hpc-root", "hpc-root\u00a0"])("are not given for %j, which only looks like one", (name) => {
    expect(person({ groups: [name], roles: [name] }, portal({}, { roles }))).toMatchObject({
      roles: ["researcher"],
      groups: [],
    });
  });

  it("are not what every object has", () => {
    expect(person({ roles: ["constructor", "__proto__", "toString"] }, portal({}, { roles }))).toMatchObject({
      roles: ["researcher"],
    });
  });

  it("may lie deeper in the claims", () => {
    const given = portal({}, { roles, claims: { roles: "realm_access.roles" } });
    expect(person({ realm_access: { roles: ["hpc-root"] } }, given)).toMatchObject({ roles: ["researcher", "admin"] });
    expect(person({ realm_access: "roles" }, given)).toMatchObject({ roles: ["researcher"] });
  });
});

describe("what the provider signed and what it answers when asked", () => {
  const verified = (signed: Claims, asked: Claims) => mergedClaims(signed, asked, portal()).email_verified;
  it("are one description, of which the signed word wins", () => {
    const merged = mergedClaims({ sub: "1", name: "One" }, { name: "Two", groups: ["a"] }, portal());
    expect(merged).toMatchObject({ sub: "1", name: "One", groups: ["a"] });
  });
  it.each([
    ["of the same document", { email: "a@x", email_verified: true }, { email: "b@x" }, true],
    ["of the answer, when only that names an address", { email_verified: true }, { email: "b@x" }, undefined],
    ["of the answer, when both name the same address", { email: "a@x" }, { email: "a@x", email_verified: true }, true],
    ["not of another address under another name", { mail: "a@x" }, { mail: "b@x", email_verified: true }, undefined],
    [
      "of the answer, when both name the same list of addresses",
      { email: "a@x", emails: ["a@x", "b@x"] },
      { email: "a@x", emails: ["a@x", "b@x"], email_verified: true },
      true,
    ],
    [
      "of the answer, when it names one address of two",
      { email: "a@x", mail: "a@x" },
      { email: "a@x", email_verified: true },
      true,
    ],
    [
      "not of the answer, when it names the other address of two",
      { email: "b@x", mail: "a@x" },
      { mail: "a@x", email_verified: true },
      undefined,
    ],
    ["not of another list", { emails: ["a@x"] }, { emails: ["a@x", "b@x"], email_verified: true }, undefined],
    ["not of another address", { email: "a@x" }, { email: "b@x", email_verified: true }, undefined],
    [
      "not of the answer when the signed one says no",
      { email: "a@x", email_verified: false },
      { email: "a@x", email_verified: true },
      false,
    ],
  ])("B1: tell whether an address is verified: %s", (_which, signed, asked, expected) => {
    expect(verified(signed, asked)).toBe(expected);
  });
});
