// Who owns what of a demo. As root its place is root's own and only data and home in it are the account's, in which people
// have terminals: what is written there is written with the account's rights, so that a link leads no further than its own.
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Account = { uid: number; gid: number } | null;

/** The first file that a demo writes into its data. */
export const clientSecret = "oidc-client-secret";

/** Runs `work` with the account's rights alone. Synchronous, because ids are the whole process's. */
export function asAccount<Answer>(account: Account, work: () => Answer): Answer {
  const { uid, gid, groups } = { uid: process.geteuid?.(), gid: process.getegid?.(), groups: process.getgroups?.() };
  if (!account || uid === undefined || gid === undefined) return work();
  try {
    process.setgroups?.([account.gid]);
    process.setegid?.(account.gid);
    process.seteuid?.(account.uid);
    return work();
  } finally {
    process.seteuid?.(uid);
    process.setegid?.(gid);
    process.setgroups?.(groups ?? []);
  }
}

/** Nobody has put anything into a place of root's. Throws when there is a link at `path`, or what is another account's. */
function requireDirectory(path: string, owners: (number | undefined)[]): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !(found.isDirectory() && owners.includes(found.uid)))
    throw new Error(`${path} is not as a demo leaves it, a directory of its own: remove it, or choose another --port.`);
}

/**
 * Makes `home`, the place of a demo that root started. Earlier versions gave it to the account: it is taken back, with
 * what root uses in there.
 */
export function makeHome(home: string, account: Account): void {
  requireDirectory(home, [0, account?.uid]);
  mkdirSync(home, { recursive: true });
  chownSync(home, 0, 0);
  // Daemons and people of the test cluster in there are other accounts: they may pass through.
  chmodSync(home, 0o711);
  for (const name of ["release", "cluster"]) requireDirectory(join(home, name), [0]);
}

/** Makes a directory that is the account's alone, in a place of root's. */
export function giveDirectory(path: string, account: NonNullable<Account>): void {
  requireDirectory(path, [account.uid]);
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o700);
  chownSync(path, account.uid, account.gid);
}

/** Makes the data directory of whoever starts a demo. Throws when other things are in it, which secrets would lie among. */
export function makeOwnData(path: string): void {
  const inside = existsSync(path) ? readdirSync(path) : [];
  if (inside.length > 0 && !inside.includes(clientSecret))
    throw new Error(`${path} holds ${inside[0]} and no demo's data: name a directory that is empty or not there.`);
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o700);
}

/** Makes a directory in the data, for the portal's account alone. */
export function makeDirectory(path: string, account: Account): void {
  asAccount(account, () => {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
  });
}

/** Writes a file in the data that the portal's account alone can read. Answers its path. */
export function writePrivate(path: string, content: string | Uint8Array, account: Account): string {
  asAccount(account, () => {
    writeFileSync(path, content, { mode: 0o600 });
    chmodSync(path, 0o600);
  });
  return path;
}
