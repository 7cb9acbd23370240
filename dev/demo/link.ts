// As root, a demo's data belongs to the account berth and is kept where that may be; the checkout gets a link to it, so that
// `npm run token` and its like find it.
import { lstatSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readHolder } from "@/lib/db/directory-lock";
import type { Demo } from "./options";

type Places = Pick<Demo, "data" | "dataDir">;

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The running portal of another demo that the link leads to now. */
function holderBehind({ data, dataDir }: Places) {
  const target = isLink(data) ? resolve(dirname(data), readlinkSync(data)) : dataDir;
  const holder = target === dataDir ? null : readHolder(target);
  return holder && isAlive(holder.pid) ? holder : null;
}

/** With a link of its own where the usual one is another running demo's. Throws when that was asked for by name. */
export function besideOthers<Wanted extends Places & { port: number }>(demo: Wanted, usual = resolve(".data")): Wanted {
  const holder = demo.data === demo.dataDir ? null : holderBehind(demo);
  if (!holder) return demo;
  const own = `${usual}-${demo.port}`;
  if (demo.data === usual) return { ...demo, data: own };
  throw new Error(`${demo.data} leads to the portal on ${holder.url}, process ${holder.pid}: choose another --data.`);
}

/** Makes the link. Throws when something else is in the way. */
export function linkData({ data, dataDir }: Places): void {
  if (data === dataDir) return;
  if (!isLink(data) && lstatSync(data, { throwIfNoEntry: false }))
    throw new Error(`${data} is in the way: as root it must be a link to ${dataDir}.`);
  rmSync(data, { force: true });
  symlinkSync(dataDir, data);
}
