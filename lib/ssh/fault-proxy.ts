// Test support: a TCP relay that can cut or freeze what runs through it, and counts connections.
import { connect, createServer, type Socket } from "node:net";

export type FaultProxy = {
  host: string;
  port: number;
  /** Connections that are open now, and all there ever were. */
  open(): number;
  accepted(): number;
  /** Resets every connection. */
  cut(): void;
  /** Stops moving bytes on the connections that are open now, without closing them. */
  freeze(): void;
  close(): void;
};

export async function faultProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let accepted = 0;
  const server = createServer({ noDelay: true }, (near) => {
    accepted++;
    const far = connect({ ...target, noDelay: true });
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const socket of pair) socket.on("error", () => {}).once("close", () => pairs.delete(pair));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The proxy has no port");

  const cut = () => {
    for (const socket of [...pairs].flat()) socket.resetAndDestroy();
  };
  return {
    host: "127.0.0.1",
    port: address.port,
    open: () => pairs.size,
    accepted: () => accepted,
    cut,
    freeze: () => {
      for (const socket of [...pairs].flat()) socket.unpipe().pause();
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
