// A TCP connection from this machine to a node. Node reads each piece into 64 KiB of new memory; this reads into the same
// memory again, and whoever can do with that borrows it (`lendTo`). For everybody else it is an ordinary stream of copies.
import { connect as connectTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { PortalError } from "@/lib/errors";

const CONNECT_SECONDS = 3;
/** The kernel gives what it has, at most so much at once. Pages that no answer reached are never taken from the machine. */
const READ_BYTES = 256 * 1024;

/** True: the bytes are used up, and their memory is written over next. False: they are the borrower's, for good. */
export type Borrower = (bytes: Buffer) => boolean;

export type DirectConnection = Duplex & {
  /** From now on bytes go to `borrower` instead of the stream's readers; null gives the stream its bytes back. */
  lendTo: (borrower: Borrower | null) => void;
};

/** True for a stream whose bytes can be borrowed. An SSH channel's are ssh2's own. */
export const canLend = (stream: Duplex): stream is DirectConnection => "lendTo" in stream;

function openSocket(host: string, port: number): DirectConnection {
  let borrower: Borrower | null = null;
  let memory = Buffer.allocUnsafeSlow(READ_BYTES);
  let isNew = true;
  /** Asked after each read, and for each address that is tried; anything but a buffer means the same one again. */
  const nextMemory = (): Buffer => {
    if (!isNew && !socket.connecting) return undefined as unknown as Buffer;
    isNew = false;
    return memory;
  };
  const onRead = (length: number): boolean => {
    const bytes = memory.subarray(0, length);
    if (!borrower) return socket.push(Buffer.from(bytes));
    if (!borrower(bytes)) {
      memory = Buffer.allocUnsafeSlow(READ_BYTES);
      isNew = true;
    }
    return true;
  };
  const onread = { buffer: nextMemory, callback: onRead };
  const socket: Socket = connectTcp({ host, port, noDelay: true, allowHalfOpen: true, onread });
  const lendTo = (taker: Borrower | null) => {
    borrower = taker;
  };
  return Object.assign(socket, { lendTo });
}

/** Throws PortalError `cluster` or `cluster_timeout`. */
export function connectDirectly(host: string, port: number, seconds = CONNECT_SECONDS): Promise<DirectConnection> {
  const socket = openSocket(host, port);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new PortalError("cluster_timeout", `${host}:${port} did not answer within ${seconds} s`));
    }, seconds * 1000);
    const refused = (cause: Error) => {
      clearTimeout(timer);
      reject(new PortalError("cluster", `${host}:${port} cannot be reached`, { words: cause.message, cause }));
    };
    socket.once("error", refused);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", refused);
      resolve(socket);
    });
  });
}
