// HTTP over a Unix socket in the data directory, for the people who run the portal: POST / with one JSON command.
// The file system is the access control: the socket is 0600 in a directory that is 0700.
import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createConnection } from "node:net";
import { env } from "@/lib/env";
import { isPortalError, PortalError, STATUS } from "@/lib/errors";
import { log } from "@/lib/log";
import { runCommand } from "@/lib/operator/run-command";
import { operatorCommand } from "@/lib/operator/schema";
import { removeSocket, socketPathToServe } from "@/lib/operator/socket-path";

const mostBytes = 64 * 1024;

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Without an encoding set, a request's chunks are buffers.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new PortalError("invalid", "A command has at most 64 KiB.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseCommand(text: string) {
  try {
    return operatorCommand.parse(JSON.parse(text));
  } catch (error) {
    throw new PortalError("invalid", `This is no command: ${text.slice(0, 100)}`, { cause: error });
  }
}

function fault(error: unknown): { status: number; body: object } {
  if (isPortalError(error)) return { status: STATUS[error.code], body: { code: error.code, message: error.message } };
  log().error({ err: error }, "operator.failed");
  return { status: 500, body: { code: "internal", message: "The portal failed; its log says why." } };
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { status, body } = await readText(incoming)
    .then((text) => runCommand(parseCommand(text)))
    .then((done) => ({ status: 200, body: done }), fault);
  outgoing.writeHead(status, { "content-type": "application/json", connection: "close" }).end(JSON.stringify(body));
}

function isServed(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const connection = createConnection(path);
  connection.on("connect", () => resolve(true)).on("error", () => resolve(false));
  return promise.finally(() => connection.destroy());
}

function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Bound inside listen(), so there is no moment at which others could connect.
  const before = process.umask(0o177);
  server.once("error", reject).listen(path, resolve);
  process.umask(before);
  return promise;
}

/** Serves the operator socket of this process until the returned function is called. */
export async function serveOperator(): Promise<() => Promise<void>> {
  const path = socketPathToServe(env().dataDir);
  if (await isServed(path)) {
    log().warn({ path }, "operator.served-by-another");
    return async () => {};
  }
  // Left by a portal that was killed.
  rmSync(path, { force: true });
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await listen(server, path);
  chmodSync(path, 0o600);
  return async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    removeSocket(path);
  };
}
