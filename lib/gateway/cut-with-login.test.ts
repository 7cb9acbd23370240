import { once } from "node:events";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { listening } from "@/dev/test-gateway";
import { bearerOf, signInPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { endLogin } from "@/lib/auth/end-login";
import { listTokens } from "@/lib/auth/list-tokens";
import { revokeToken } from "@/lib/auth/revoke-token";
import { makeFront } from "@/lib/gateway/front";

useDatabase();
const url = "http://portal.test";
useConfig({ url });

type Asked = { method: string; path: string; headers: Record<string, string> };

/** A request that the portal is busy with; `answer` is what does it there, `outcome` how it ends for the client. */
async function busy({ method, path, headers }: Asked, answer: (response: ServerResponse) => void) {
  const begun = Promise.withResolvers<{ asked: IncomingMessage; response: ServerResponse }>();
  const pages = async (asked: IncomingMessage, response: ServerResponse) => {
    asked.on("error", () => {}).resume();
    answer(response);
    begun.resolve({ asked, response });
  };
  const policy = { url, appsHosts: [], issuer: "http://id.test", production: true, trustedProxies: [] };
  const onError = (error: unknown) => {
    throw error;
  };
  const port = await listening(makeFront({ policy, pages, gateway: null, terminals: null, devSocket: null, onError }));
  const asking = request({ port, method, path, headers: { host: "portal.test", ...headers } });
  const outcome = new Promise<string>((resolve) => {
    asking.once("error", () => resolve("broken"));
    asking.once("response", (answered) => {
      answered.on("error", () => resolve("broken"));
      answered.resume().once("end", () => resolve("whole"));
    });
  });
  if (method === "PATCH") asking.write("some");
  else asking.end();
  return { outcome, ...(await begun.promise) };
}

const streams = (response: ServerResponse) => void response.writeHead(200).write("the beginning");

it("breaks an answer off when its login ends, and leaves another person's alone", async () => {
  const [alice, bob] = [await signInPerson("alice"), await signInPerson("bob")];
  const asked = { method: "GET", path: "/api/files/archive?x" };
  const hers = await busy({ ...asked, headers: { cookie: alice.cookie } }, streams);
  const his = await busy({ ...asked, headers: { cookie: bob.cookie } }, streams);
  await endLogin(alice.loginId, "signed-out");
  expect(await hers.outcome).toBe("broken");
  his.response.end();
  expect(await his.outcome).toBe("whole");
});

it("breaks a body off when its token is revoked", async () => {
  const alice = await signInPerson("alice");
  const authorization = await bearerOf(alice);
  const headers = { authorization, "content-length": "100" };
  const upload = await busy({ method: "PATCH", path: "/api/uploads/x", headers }, () => {});
  const { items } = await listTokens(alice.actor);
  await Promise.all([once(upload.asked, "aborted"), ...items.map(({ id }) => revokeToken(alice.actor, id))]);
  expect(await upload.outcome).toBe("broken");
});

it("lets a refusal be told to whom it refuses, and an answer to nobody's request", async () => {
  const alice = await signInPerson("alice");
  await endLogin(alice.loginId, "signed-out");
  const asked = { method: "GET", path: "/api/me" };
  const refused = await busy({ ...asked, headers: { cookie: alice.cookie } }, (response) => {
    response.writeHead(401).write("the beginning");
  });
  const stranger = await busy({ ...asked, headers: {} }, streams);
  const bob = await signInPerson("bob");
  const his = await busy({ ...asked, headers: { cookie: bob.cookie } }, streams);
  await endLogin(bob.loginId, "signed-out");
  expect(await his.outcome).toBe("broken");
  for (const { response } of [refused, stranger]) response.end();
  expect([await refused.outcome, await stranger.outcome]).toEqual(["whole", "whole"]);
});

it("lets the request be answered that ended the login", async () => {
  const alice = await signInPerson("alice");
  const headers = { cookie: alice.cookie };
  const signOut = await busy({ method: "POST", path: "/api/sign-out", headers }, () => {});
  const other = await busy({ method: "GET", path: "/api/events", headers }, streams);
  await endLogin(alice.loginId, "signed-out");
  await other.outcome;
  signOut.response.writeHead(204).end();
  expect(await signOut.outcome).toBe("whole");
});
