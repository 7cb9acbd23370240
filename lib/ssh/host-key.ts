// Pinned host keys: the only proof that a login node is the one it should be. There is no trust on first use.
import type { ServerHostKeyAlgorithm } from "ssh2";
import { blobOfLine, blobType } from "./public-key";

/** An RSA key signs with SHA-2 or not at all: `ssh-rsa` as an algorithm means SHA-1. */
const ALGORITHMS: Record<string, ServerHostKeyAlgorithm[]> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

export type PinnedKeys = {
  /** What to offer, so that a server with several keys shows one that is pinned. */
  algorithms: ServerHostKeyAlgorithm[];
  has(key: Uint8Array): boolean;
};

/** Reads OpenSSH public key lines. Throws TypeError on one that is not. */
export function pinnedKeys(lines: readonly string[]): PinnedKeys {
  const blobs = lines.map(blobOfLine);
  const types = new Set(blobs.map(blobType));
  const algorithms = Object.entries(ALGORITHMS).flatMap(([type, names]) => (types.has(type) ? names : []));
  return { algorithms, has: (key) => blobs.some((blob) => blob.equals(key)) };
}
