// Ids of sessions: host labels, job names and directories at once, and not to be guessed.
import { randomBytes } from "node:crypto";

const letters = "abcdefghijklmnopqrstuvwxyz";
const alphabet = `${letters}0123456789`;

/** 16 characters [a-z][a-z0-9]{15}: about 82 bits. */
export function newSessionId(): string {
  let id = "";
  while (id.length < 16) {
    const allowed = id === "" ? letters : alphabet;
    // Bytes beyond the largest multiple would make some characters likelier.
    const usable = [...randomBytes(32)].filter((byte) => byte < 256 - (256 % allowed.length));
    const next = usable[0];
    if (next !== undefined) id += allowed[next % allowed.length];
  }
  return id;
}
