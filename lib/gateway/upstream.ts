// Connections to one session's app: through the cluster's reach, kept alive between requests, and past its door
// where the app stands behind the door. Hides that a connection may be an SSH channel.
import { Agent, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import { passDoor } from "@/lib/gateway/door";
import type { TemplateManifest } from "@/lib/templates/schema";

/** How an app is told that it is us: the door by its handshake, an app by a header of its own choice. */
export type AppAccess = { manifest: Pick<TemplateManifest, "auth" | "secretHeader">; secret: string };

/** Opens a bare connection to the app's node and port. */
export type Connect = () => Promise<Duplex>;

const maxSockets = 256;
const maxIdleSockets = 64;
/** Node keeps a request that was given up in the agent's queue until a connection is free, so its length needs a bound. */
const maxWaiting = 256;

/** node:http expects a socket's switches; an SSH channel has none of them, and needs only the idle time-out. */
function withSocketSwitches(stream: Duplex): Duplex {
  if ("setKeepAlive" in stream) return stream;
  let timer: NodeJS.Timeout | undefined;
  const switches = {
    timeout: 0,
    setKeepAlive: () => stream,
    setNoDelay: () => stream,
    ref: () => stream,
    unref: () => stream,
    setTimeout: (ms: number) => {
      clearTimeout(timer);
      switches.timeout = ms;
      if (ms > 0) timer = setTimeout(() => stream.emit("timeout"), ms).unref();
      return stream;
    },
  };
  stream.once("close", () => clearTimeout(timer));
  return Object.assign(stream, switches);
}

/** A connection ready for HTTP. */
export async function openConnection(connect: Connect, access: AppAccess): Promise<Duplex> {
  const stream = withSocketSwitches(await connect());
  // Whoever holds the stream learns of an error through its request; a late one must not end the process.
  stream.on("error", () => {});
  if (access.manifest.auth === "door") await passDoor(stream, access.secret);
  return stream;
}

/** The header that carries the secret to an app that verifies it itself. */
export function secretHeaderOf({ manifest, secret }: AppAccess): { name: string; value: string } | null {
  if (manifest.auth !== "app" || !manifest.secretHeader) return null;
  return { name: manifest.secretHeader.name, value: manifest.secretHeader.value.replace("{secret}", () => secret) };
}

/** True while so many wait for one of the agent's connections that nobody else should. */
export const isCrowded = ({ requests }: Agent): boolean =>
  Object.values(requests).some((waiting) => waiting && waiting.length >= maxWaiting);

/** A keep-alive pool of connections to one app. destroy() ends them all. */
export function appAgent(connect: Connect, access: AppAccess): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets, maxFreeSockets: maxIdleSockets, scheduling: "lifo" });
  agent.createConnection = (_options: ClientRequestArgs, callback?: (error: Error | null, stream: Duplex) => void) => {
    openConnection(connect, access).then(
      (stream) => {
        // Closed by the app, which may stay unseen on an idle channel: nobody reads its other half any more, and a pool that
        // kept it would give the next request's body to it.
        stream.once("end", () => stream.destroy());
        callback?.(null, stream);
      },
      // With an error there is no stream, which the callback's type cannot say.
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    );
    return null;
  };
  return agent;
}
