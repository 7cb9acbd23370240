// Addresses of the file pages and what they mean; lib/paths.ts makes them.
import { displayPath, joinPath, splitPath } from "@/lib/files/rules";
import { paths } from "@/lib/paths";

/** What an address below /files names. `path` is null for a cluster's own page. */
export type Place = { cluster: string; path: string | null };

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

export function placeOf(pathname: string): Place | null {
  const [cluster, ...rest] = pathname.slice(paths.files().length).split("/").filter(Boolean).map(decoded);
  if (!cluster) return null;
  if (rest.length === 0) return { cluster, path: null };
  if (rest[0] === "~top") return { cluster, path: "/" };
  return { cluster, path: rest[0] === "~" ? rest.join("/") : `/${rest.join("/")}` };
}

export type Crumb = { path: string; name: string };

/** The folders on the way from `root` to `path`, both as the API writes them; the first is the root itself. */
export function crumbsOf(path: string, root: string): Crumb[] {
  const base = root === "/" ? "" : root;
  const inside = path === root || path.startsWith(`${base}/`);
  const start = inside ? root : "/";
  const names = path
    .slice(inside ? base.length : 0)
    .split("/")
    .filter(Boolean);
  let at = start;
  const below = names.map((name) => {
    at = joinPath(at === "/" ? "" : at, name);
    return { path: at, name: displayPath(name) };
  });
  return [{ path: start, name: displayPath(splitPath(start).name) || "/" }, ...below];
}
