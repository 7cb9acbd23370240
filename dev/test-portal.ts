// For tests: a portal on a real socket (only the routes of this room), a browser with cookies, and a configuration.
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { stringify } from "yaml";
import { GET as me } from "@/app/api/me/route";
import { POST as signOut } from "@/app/api/sign-out/route";
import { DELETE as revoke } from "@/app/api/tokens/[id]/route";
import { POST as createToken, GET as tokens } from "@/app/api/tokens/route";
import { forgetOnce } from "@/dev/forget-once";
import { testFolder } from "@/dev/test-folder";
import { handleSignIn } from "@/lib/auth/sign-in-flow";

type NextHandler = (request: Request, next: { params: Promise<unknown> }) => Promise<Response>;

export const oneCluster = {
  name: "cluster",
  scheduler: "slurm",
  account: { from: "claim", claim: "preferred_username" },
  nodeNetworks: ["127.0.0.0/8"],
  ssh: {
    hosts: [{ host: "login.example.org" }],
    hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"],
    ca: { keyFile: "/dev/null" },
  },
};

/** Makes `settings` (over a small default) the portal's configuration, with a strong secret. */
export function useConfig(settings: { url?: string; signIn?: object; [name: string]: unknown }): void {
  const { signIn, ...rest } = settings;
  const portal = {
    url: "http://localhost:3000",
    appsHosts: "*.apps.localhost:3000",
    signIn: { issuer: "http://idp.localhost", clientId: "berth", ...signIn },
    clusters: [oneCluster],
    ...rest,
  };
  const file = join(testFolder("config"), "portal.yaml");
  writeFileSync(file, stringify(portal), { mode: 0o600 });
  process.env.PORTAL_CONFIG = file;
  process.env.PORTAL_SECRET = "kT9mQ2vX7bLwR4nZc8pFdH3sJ6gYtU5e";
  process.env.OIDC_CLIENT_SECRET = "client-of-the-tests";
  forgetOnce("config");
}

const withId = (handler: NextHandler, id: string) => (request: Request) =>
  handler(request, { params: Promise.resolve({ id }) });
const plain = (handler: NextHandler) => (request: Request) => handler(request, { params: Promise.resolve({}) });

const table: Record<string, (request: Request) => Promise<Response>> = {
  "GET /api/me": plain(me),
  "GET /api/tokens": plain(tokens),
  "POST /api/tokens": plain(createToken),
  "POST /api/sign-out": plain(signOut),
};

function dispatch(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/api/auth/")) return handleSignIn(request, pathname.split("/").slice(3));
  const handler = table[`${request.method} ${pathname}`];
  if (handler) return handler(request);
  const id = /^\/api\/tokens\/([^/]+)$/.exec(pathname)?.[1];
  if (id && request.method === "DELETE") return withId(revoke, decodeURIComponent(id))(request);
  return Promise.resolve(new Response("a page", { status: 200 }));
}

async function webRequest(incoming: IncomingMessage, origin: string): Promise<Request> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, [value].flat().join(", "));
  const body = chunks.length > 0 ? new Uint8Array(Buffer.concat(chunks)) : undefined;
  return new Request(new URL(incoming.url ?? "/", origin), { method: incoming.method, headers, body });
}

/** Listens on a free port of 127.0.0.1; answers the origin that browsers use. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an address with a port.
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** The routes of this room behind a real server. */
export function createPortal(): Server {
  return createServer(async (incoming, outgoing) => {
    const response = await dispatch(await webRequest(incoming, `http://${incoming.headers.host}`));
    for (const [name, value] of response.headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
    outgoing.writeHead(response.status).end(Buffer.from(await response.arrayBuffer()));
  });
}
