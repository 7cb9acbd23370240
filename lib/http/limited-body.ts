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
};

const brokeOff = () => new PortalError("invalid", "The body broke off.");
const tooLong = () => new PortalError("invalid", "More bytes came than were announced.");

export function limitedBody(request: Request, maxBytes: number): LimitedBody {
  let received = 0;
  let fault: PortalError | null = brokeOff();
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of request.body ?? []) {
        if (received + chunk.length > maxBytes) {
          fault = tooLong();
          return;
        }
        received += chunk.length;
        yield chunk;
      }
      fault = null;
    } catch {
      // The client went away; `fault` says so.
    }
  }
  const stream = Readable.from(read(), { objectMode: false, highWaterMark: 256 * 1024 });
  return { stream, received: () => received, fault: () => fault };
}
