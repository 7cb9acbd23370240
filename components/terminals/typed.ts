// What was typed and is not known to have arrived: in order, each piece with its number. Only so much of it is on its way at a
// time that the portal, which sends away who types without waiting, takes a paste of any size.

const PIECE_BYTES = 16 * 1024;
/** A quarter of what the portal keeps for a shell that takes nothing (lib/terminals/terminal.ts). */
const MOST_SENT_BYTES = 256 * 1024;
/** What may be typed while the connection is away; more would surprise when it comes back. */
const MOST_WAITING_BYTES = 64 * 1024;

type Piece = { number: number; bytes: Uint8Array };

export type Typed = {
  add: (bytes: Uint8Array) => void;
  /** Sends by `send` whatever is left, from the first on, and from now on what is added. */
  connect: (send: (frame: Uint8Array<ArrayBuffer>) => void) => void;
  /** What is added waits for the next connection, unless it is too much. */
  disconnect: () => void;
  /** The portal has typed everything up to `number`; what is left is sent again after a lost connection, and only that. */
  settle: (number: number) => void;
  forget: () => void;
};

/** Four bytes, big-endian, that number the piece; then the piece (lib/terminals/schema.ts). */
function frameOf({ number, bytes }: Piece): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(4 + bytes.length);
  new DataView(frame.buffer).setUint32(0, number);
  frame.set(bytes, 4);
  return frame;
}

/** Nothing is typed yet. `onLost` is called when some of it is not sent or may not have arrived, once for a lost connection. */
export function makeTyped(onLost: () => void): Typed {
  let waiting: Piece[] = [];
  let lastNumber = 0;
  let sentTo = 0;
  let isLossTold = false;
  let send: ((frame: Uint8Array<ArrayBuffer>) => void) | null = null;
  const sendMore = () => {
    let onTheWay = 0;
    for (const piece of waiting) {
      onTheWay += piece.bytes.length;
      if (!send || onTheWay > MOST_SENT_BYTES) return;
      if (piece.number <= sentTo) continue;
      sentTo = piece.number;
      send(frameOf(piece));
    }
  };
  const lose = () => {
    if (!isLossTold) onLost();
    isLossTold = true;
  };
  return {
    add: (bytes) => {
      const held = waiting.reduce((sum, piece) => sum + piece.bytes.length, bytes.length);
      if (!send && held > MOST_WAITING_BYTES) return lose();
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        lastNumber += 1;
        waiting.push({ number: lastNumber, bytes: bytes.slice(at, at + PIECE_BYTES) });
      }
      sendMore();
    },
    connect: (to) => {
      send = to;
      sentTo = 0;
      isLossTold = false;
      sendMore();
    },
    disconnect: () => {
      send = null;
    },
    settle: (number) => {
      waiting = waiting.filter((piece) => piece.number > number);
      sendMore();
    },
    forget: () => {
      if (waiting.length > 0) lose();
      waiting = [];
    },
  };
}
