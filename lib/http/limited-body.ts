// A request's body as a stream of at most so many bytes, for what is passed on and not kept. It ends early, and quietly, when the
// client goes away or sends too much: what came before is worth keeping.
import { Readable } from "node:stream";
import { PortalError } from "@/lib/errors";

export type LimitedBody = {
  stream: Readable;
  /** Bytes that were passed on. */
  received: () => number;
  /** Why it is not whole, once it ended. */
  fault: () => PortalError | null;
  /** Ends it from our side, also while a client that vanished says nothing: destroying `stream` would wait for its next word. */
  stop: () => void;
};

const brokeOff = () => new PortalError("invalid", "The body broke off.");
const tooLong = () => new PortalError("invalid", "More bytes came than were announced.");

export function limitedBody(request: Request, maxBytes: number): LimitedBody {
  let received = 0;
  let fault: PortalError | null = brokeOff();
  let isStopped = false;
  const reader = request.body?.getReader();
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
        const chunk = next.value;
        if (received + chunk.length > maxBytes) {
          fault = tooLong();
          return;
        }
        received += chunk.length;
        yield chunk;
      }
      if (!isStopped) fault = null;
    } catch {
      // The client went away; `fault` says so.
    } finally {
      // What is left is wanted by nobody.
      if (fault) reader?.cancel().catch(() => {});
    }
  }
  const stream = Readable.from(read(), { objectMode: false, highWaterMark: 256 * 1024 });
  const stop = () => {
    isStopped = true;
    reader?.cancel().catch(() => {});
    stream.destroy();
  };
  return { stream, received: () => received, fault: () => fault, stop };
}
