import { describe, expect, it } from "vitest";
import { hostNameSchema, sshReachSchema, unixUserSchema } from "./schema";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMOt603NiVFSLDkXCacYHSG6d9/3OG8ntR6DBTr7l6M";
const reach = { hosts: [{ host: "login1.example.org" }], hostKeys: [key], ca: { keyFile: "/etc/berth/ca" } };

describe("an account name", () => {
  it.each(["alice", "_svc", "a.b-c_9", "x".repeat(32)])("may be %s", (user) => {
    expect(unixUserSchema.safeParse(user).success).toBe(true);
  });

  it.each([
    "",
    "root",
    "Alice",
    "9lives",
    "-oProxyCommand=id",
    "a b",
    "x@y",
    "../x",
    "a\n",
    "a\0",
    "é",
    "x".repeat(33),
  ])("may not be %j", (user) => {
    expect(unixUserSchema.safeParse(user).success).toBe(false);
  });
});

describe("a host", () => {
  it.each(["login1", "login-1.example.org", "192.0.2.7", "2001:db8::1", "::1", "127.31.0.1"])("may be %s", (host) => {
    expect(hostNameSchema.safeParse(host).success).toBe(true);
  });

  it.each([
    "",
    "-oProxyCommand=id",
    "a b",
    "x@y",
    "host;id",
    "host\n",
    "host/",
    "[::1]",
    "a".repeat(254),
    "$(id)",
    "-",
    "a-",
  ])("may not be %j", (host) => {
    expect(hostNameSchema.safeParse(host).success).toBe(false);
  });
});

describe("how a cluster is reached", () => {
  it("needs little more than hosts, their keys and a CA", () => {
    expect(sshReachSchema.parse(reach)).toMatchObject({
      hosts: [{ host: "login1.example.org", port: 22 }],
      apps: "tunnel",
      handshakeTimeoutSeconds: 10,
      idleSeconds: 60,
      maxChannelsPerConnection: 8,
    });
  });

  it.each([
    ["no host", { hosts: [] }],
    ["no pinned key", { hostKeys: [] }],
    ["a key that is none", { hostKeys: ["ssh-dss AAAA"] }],
    ["a key that lost its last letter", { hostKeys: [key.slice(0, -1)] }],
    ["a key of which a part is missing", { hostKeys: [key.slice(0, 60)] }],
    ["a key that says to be another kind", { hostKeys: [key.replace("ssh-ed25519", "ssh-rsa")] }],
    ["letters that are no key", { hostKeys: ["ssh-ed25519 AAAABBBB"] }],
    ["two keys in one line", { hostKeys: [`${key} comment\n${key}`] }],
    ["two kinds of CA", { ca: { keyFile: "/x", command: ["y"] } }],
    ["a signer without a program", { ca: { command: [] } }],
    ["a network that adds another option", { sourceAddress: ["192.0.2.0/24,0.0.0.0/0"] }],
    ...["192.0.2.10/24", "2001:db8::1/32", "2001:db8:8000::/32", "::1/127", "::ffff:192.0.2.1/127"].map(
      (network): [string, object] => [`a network that begins elsewhere, ${network}`, { sourceAddress: [network] }],
    ),
    // Node's timers end at once where they are told of more than 2^31 ms.
    ...["idleSeconds", "keepaliveSeconds", "retryHostSeconds"].map((name): [string, object] => [
      `a month of ${name}`,
      { [name]: 2_592_000 },
    ]),
    ["a word it does not know", { strictHostKeyChecking: false }],
  ])("is refused with %s", (_what, wrong) => {
    expect(sshReachSchema.safeParse({ ...reach, ...wrong }).success).toBe(false);
  });

  it.each([
    "192.0.2.0/24",
    "192.0.2.7",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8:8000::/33",
    "2001:db8::1",
    "2001:db8::1/128",
    "::/0",
    "::ffff:192.0.2.0/120",
    "1:2:3:4:5:6:7:0/112",
  ])("takes %s for where the portal comes from", (network) => {
    expect(sshReachSchema.parse({ ...reach, sourceAddress: [network] }).sourceAddress).toEqual([network]);
  });
});
