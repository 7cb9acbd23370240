// The handshake with the door in front of an app (lib/sessions/job/door.py): each side proves that it knows the session's
// secret, which itself never travels. Who has come to the port after the app learns nothing, and is not taken for it.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Duplex } from "node:stream";
import { PortalError } from "@/lib/errors";

/** Patience with a door: it answers at once, or is none. */
const answerMs = 5000;
const nonceBytes = 16;
const answerLength = nonceBytes * 2 + 1 + 64 + 1;

type Nonces = { portal: string; door: string };

/** What either side shows: hexadecimal HMAC-SHA256 of its name and both nonces. */
export const doorProof = (secret: string, who: "portal" | "door", { portal, door }: Nonces): string =>
  createHmac("sha256", secret).update(`${who} ${portal} ${door}`).digest("hex");

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** The first `length` bytes, or fewer when the stream ends or nothing more comes in time. More than that is never asked. */
function firstBytes(stream: Duplex, length: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let taken = Buffer.alloc(0);
    const done = () => {
      clearTimeout(timer);
      stream.off("readable", look).off("end", done).off("close", done);
      resolve(taken);
    };
    const look = () => {
      for (let piece: Buffer | null = stream.read(); piece; piece = stream.read())
        taken = Buffer.concat([taken, piece]);
      if (taken.length >= length) done();
    };
    const timer = setTimeout(done, answerMs);
    stream.on("readable", look).on("end", done).on("close", done);
  });
}

/** Passes the door of a connection that was just opened. Throws `cluster` when it is not this session's, and ends it. */
export async function passDoor(stream: Duplex, secret: string): Promise<void> {
  const portal = randomBytes(nonceBytes).toString("hex");
  stream.write(`BERTH-DOOR ${portal}\n`);
  // A door says nothing more before it is asked: whoever does is none.
  const answer = (await firstBytes(stream, answerLength)).toString("latin1");
  const [, door = "", shown = ""] = /^([0-9a-f]{32}) ([0-9a-f]{64})\n$/.exec(answer) ?? [];
  if (!isSame(shown, doorProof(secret, "door", { portal, door }))) {
    stream.destroy();
    throw new PortalError("cluster", "What answers at the app's port is not this session's door.");
  }
  stream.write(`${doorProof(secret, "portal", { portal, door })}\n`);
}
