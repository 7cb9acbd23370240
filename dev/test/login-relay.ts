// Stands at a login node's address and passes on to whatever a file names at the moment: an attack changes the file, and
// the login node is another machine. Connections that were open are cut then, as they would be.
import { readFileSync, watch, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { dirname } from "node:path";

export type Endpoint = { host: string; port: number };

/** Directs the relay that follows `file`. */
export const pointRelay = (file: string, { host, port }: Endpoint): void => writeFileSync(file, `${host} ${port}\n`);

export function relayTarget(file: string): Endpoint {
  const [host = "", port = ""] = readFileSync(file, "utf8").trim().split(" ");
  return { host, port: Number(port) };
}

/** Listens on a free port of this machine. `file` need not be there yet. */
export async function startRelay(file: string): Promise<Endpoint & { close: () => void }> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const node = connect(relayTarget(file));
    for (const [one, other] of [
      [client, node],
      [node, client],
    ] as const) {
      open.add(one.setNoDelay());
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  const cutAll = () => {
    for (const socket of open) socket.destroy();
  };
  const watcher = watch(dirname(file), cutAll);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as { port: number };
  const close = () => {
    watcher.close();
    server.close();
    cutAll();
  };
  return { host: "127.0.0.1", port, close };
}
