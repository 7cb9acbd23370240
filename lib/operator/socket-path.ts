// Where the operator socket is: in the data directory, which only its owner can enter. A socket's path may have 107 bytes
// (unix(7)); for a longer one it lies in the system's temporary directory and a file in the data directory says where.
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { PortalError } from "@/lib/errors";

const longestBytes = 107;
const pointerFile = (dataDir: string) => join(dataDir, "operator.path");

/** Throws unless `path` is `owner`'s alone, and not a link to something else. */
function requirePrivate(path: string, owner: number): void {
  const { uid, mode } = lstatSync(path);
  if (uid !== owner) throw new PortalError("invalid", `${path} belongs to another account (uid ${uid}).`);
  if ((mode & 0o077) !== 0) throw new PortalError("invalid", `${path} can be opened by others: run chmod go= on it.`);
}

/** The path to serve on; makes the short directory where the data directory's own path is too long. */
export function socketPathToServe(directory: string): string {
  const owner = process.getuid?.() ?? 0;
  // With PostgreSQL nothing else is kept there, and nobody has made it.
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const dataDir = realpathSync(directory);
  requirePrivate(dataDir, owner);
  const path = join(dataDir, "operator.sock");
  if (Buffer.byteLength(path) <= longestBytes) return path;
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  const short = join(tmpdir(), `berth-${owner}-${name}`);
  mkdirSync(short, { recursive: true, mode: 0o700 });
  requirePrivate(short, owner);
  const shortPath = join(short, "operator.sock");
  writeFileSync(pointerFile(dataDir), shortPath, { mode: 0o600 });
  return shortPath;
}

/** Takes back what socketPathToServe() and a server on it made. */
export function removeSocket(path: string): void {
  rmSync(path, { force: true });
  const directory = dirname(path);
  // By its own name, and only when it is empty: a data directory must never be taken for it.
  if (dirname(directory) === tmpdir() && /^berth-\d+-[0-9a-f]{16}$/.test(basename(directory))) rmdirSync(directory);
}

function pointedPath(dataDir: string): string | null {
  try {
    return readFileSync(pointerFile(dataDir), "utf8").trim();
  } catch {
    return null;
  }
}

/** The path to ask on, checked to belong to the owner of the data directory; null when nothing is there. */
export function socketPathToAsk(dataDir: string): string | null {
  if (!existsSync(dataDir)) return null;
  // The demo's data directory may be a link into another account's home.
  const real = realpathSync(dataDir);
  const direct = join(real, "operator.sock");
  const path = Buffer.byteLength(direct) <= longestBytes ? direct : pointedPath(real);
  if (!path || !lstatSync(path, { throwIfNoEntry: false })) return null;
  const owner = lstatSync(real).uid;
  for (const place of [real, dirname(path), path]) requirePrivate(place, owner);
  return path;
}
