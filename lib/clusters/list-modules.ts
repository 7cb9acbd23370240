// The environment modules of a cluster, as `module -t avail` lists them; asked as the person, remembered for five minutes.
import type { PersonActor } from "@/lib/actor";
import { unixAccountFor } from "@/lib/auth/unix-account";
import { type Cluster, cluster } from "@/lib/clusters/cluster";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";
import { moduleName } from "@/lib/sessions/schema";

const maxAgeMs = 300_000;
/** Ten times what a large site lists: `module` is whatever the person's shell has by that name. */
const maxBytes = 2 * 2 ** 20;
type Held = { at: number; names: Promise<string[]> };

// Lmod and environment-modules both write the terse list to stderr or stdout, depending on version and settings.
const AVAIL = `set +u; . "$1" || exit 3; [ -z "$2" ] || module use "$2"; module -t avail 2>&1`;

/** Lines that end in a colon are headings (a MODULEPATH directory), those that end in a slash are families. */
const isModule = (line: string): boolean => !/[/:]$/.test(line) && moduleName.safeParse(line).success;

/** Longer than any name with all that is told behind it. */
const longestLine = 256;

/** Without what is told behind a name: "(default)", symbolic versions "(latest)", alias "(@)", tags "<L>". */
const bareName = (line: string): string =>
  line
    .trim()
    .replace(/(?:\s*<[^<>]*>)+$/, "")
    .replace(/\([^()]*\)$/, "");

async function ask({ config, reach }: Cluster, user: string): Promise<string[]> {
  if (!config.modules) return [];
  const argv = ["/bin/bash", "-c", AVAIL, "bash", config.modules.init, config.modules.path ?? ""];
  const { code, stdout } = await reach.run(argv, { user, maxBytes, timeoutSeconds: 30 });
  const text = new TextDecoder().decode(stdout);
  if (code !== 0) throw new PortalError("cluster", "The modules could not be listed.", { words: text.slice(0, 500) });
  const names = text
    .split("\n")
    .filter((line) => line.length <= longestLine)
    .map(bareName);
  return [...new Set(names.filter(isModule))].toSorted();
}

function modulesOf(where: Cluster, user: string): Promise<string[]> {
  const held = once("cluster-modules", () => new Map<string, Held>());
  const key = `${where.config.name}/${user}`;
  const known = held.get(key);
  if (known && performance.now() - known.at < maxAgeMs) return known.names;
  for (const [other, { at }] of held) if (performance.now() - at > maxAgeMs) held.delete(other);
  const names = ask(where, user);
  held.set(key, { at: performance.now(), names });
  names.catch(() => held.delete(key));
  return names;
}

type ModuleFilter = { search?: string; cursor?: string; limit: number };

/** One page of the modules whose name contains `search`, by name; the cursor is the last name of the page before. */
export async function listModules(
  actor: PersonActor,
  clusterName: string,
  { search = "", cursor = "", limit }: ModuleFilter,
): Promise<{ items: string[]; nextCursor: string | null }> {
  const where = cluster(clusterName, actor);
  const account = await unixAccountFor(actor, clusterName, { run: where.reach.run });
  if ("missing" in account) throw new PortalError("denied", account.missing);
  const wanted = search.toLowerCase();
  const names = await modulesOf(where, account.account);
  const left = names.filter((name) => name > cursor && name.toLowerCase().includes(wanted));
  const items = left.slice(0, limit);
  return { items, nextCursor: left.length > limit ? (items.at(-1) ?? null) : null };
}
