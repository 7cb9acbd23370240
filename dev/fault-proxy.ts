// A TCP proxy that misbehaves on demand, for tests of what the network may do between the portal and a server.
import { connect, createServer, type Server, type Socket } from "node:net";

export type FaultProxy = {
  port: number;
  /** What the next bytes from the client that contain `text` cause: cut before they are passed on, or cut the answer. */
  cutAt: (text: string, when: "before" | "after") => void;
  /** Passes nothing on any more, and closes nothing: a cable pulled out. */
  silence: () => void;
  close: () => Promise<void>;
};

type State = { text: string | null; when: "before" | "after"; isSilent: boolean; sockets: Set<Socket> };

function join(state: State, client: Socket, port: number): void {
  const server = connect(port, "127.0.0.1");
  let isCut = false;
  const cut = () => {
    client.destroy();
    server.destroy();
  };
  for (const socket of [client, server]) {
    state.sockets.add(socket);
    socket.on("error", cut).on("close", cut);
  }
  client.on("data", (bytes) => {
    if (state.isSilent) return;
    if (state.text !== null && bytes.includes(state.text)) {
      state.text = null;
      if (state.when === "before") return cut();
      isCut = true;
    }
    server.write(bytes);
  });
  server.on("data", (bytes) => {
    if (isCut) return cut();
    if (!state.isSilent) client.write(bytes);
  });
}

/** Listens on a free port and passes on to `port` of this machine. */
export async function startFaultProxy(port: number): Promise<FaultProxy> {
  const state: State = { text: null, when: "before", isSilent: false, sockets: new Set() };
  const server: Server = createServer((client) => join(state, client, port));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return {
    // A server that listens on TCP has an address with a port.
    port: (address as { port: number }).port,
    cutAt: (text, when) => Object.assign(state, { text, when }),
    silence: () => Object.assign(state, { isSilent: true }),
    close: async () => {
      for (const socket of state.sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
