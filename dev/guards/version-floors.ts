// The table of versions that package-lock.json must not fall below, wherever in the tree a package is: below each there is
// a hole that is known. docs/security.md shows the same table; a test compares the two.

export type Floor = {
  name: string;
  /** The lowest version without the hole, or with `exactly` the only one that is right. A name may have one for each major. */
  version: string;
  exactly?: boolean;
  because: string;
};

export const floors: Floor[] = [
  {
    name: "next",
    version: "16.3.8",
    because: "request smuggling, poisoned caches, middleware passed by, upgrades to foreign hosts",
  },
  { name: "next-auth", version: "4.24.15", because: "sign-ins confused with one another" },
  { name: "ws", version: "8.21.1", because: "a crash by many headers, memory by compressed frames" },
  {
    name: "ssh2",
    version: "1.17.0",
    exactly: true,
    because: "certificates need one method of its protocol, which this version has",
  },
  { name: "node", version: "24.21.0", because: "the HTTP parser is the front door" },
  {
    name: "react",
    version: "19.2.1",
    because: "the package beside it, which Next bundles, ran code that a request brought: the floor of `next` protects",
  },
  { name: "react-dom", version: "19.2.1", because: "as `react`, and always the same version" },
  { name: "oidc-provider", version: "9.0.0", because: "development only, and supported" },
  { name: "openid-client", version: "5.7.1", because: "checks of id_tokens" },
  { name: "jose", version: "4.15.5", because: "memory by compressed tokens" },
  { name: "cookie", version: "0.7.0", because: "names of cookies that end the header" },
  { name: "nanoid", version: "3.3.8", because: "identifiers that could be guessed" },
  { name: "nanoid", version: "5.0.9", because: "the same in its later majors; 4 has no version without it" },
  { name: "postcss", version: "8.4.31", because: "line breaks in comments become rules" },
  { name: "esbuild", version: "0.25.0", because: "its development server answered every site" },
  { name: "vite", version: "8.0.0", because: "tests only, and supported" },
  { name: "yaml", version: "2.2.2", because: "an exception by a document" },
  { name: "sharp", version: "0.33.5", because: "images that overflow; the optimizer is off all the same" },
];

/** Packages that must not be there at all, not even inside another. */
export const never = ["http-proxy", "request", "node-forge", "event-stream"];

type Packages = Record<string, { version?: string | undefined }>;

const nameOf = (path: string) => path.split("node_modules/").at(-1) ?? path;

/** True when `version` is not below `floor`, compared by number; a pre-release is below its release. */
export function isAtLeast(version: string, floor: string): boolean {
  const [release = "", preRelease] = version.split("-");
  const order = release.localeCompare(floor, "en", { numeric: true });
  return preRelease === undefined ? order >= 0 : order > 0;
}

const majorOf = (version: string): number => Number.parseInt(version, 10);

/** The floor that `version` is held to: that of its own major, else the highest of the name. */
const floorFor = (version: string, ofName: Floor[]): Floor | undefined =>
  ofName.find((floor) => majorOf(floor.version) === majorOf(version)) ??
  ofName.toSorted((one, other) => majorOf(other.version) - majorOf(one.version))[0];

/** What of a lock's packages is below the table, in sentences. */
export function belowFloors(packages: Packages, table: Floor[] = floors): string[] {
  const all = Object.entries(packages).map(([path, { version = "" }]) => ({ path, name: nameOf(path), version }));
  const installed = all.filter(({ path }) => path !== "");
  const wrong = installed.flatMap(({ path, name, version }) => {
    const floor = floorFor(
      version,
      table.filter((one) => one.name === name),
    );
    if (!floor) return [];
    const { version: wanted, exactly, because } = floor;
    const isRight = exactly ? version === wanted : isAtLeast(version, wanted);
    return isRight ? [] : [`${path} is ${version}, needs ${exactly ? "exactly " : ""}${wanted}: ${because}`];
  });
  const banned = installed.filter(({ name }) => never.includes(name));
  return [...wrong, ...banned.map(({ path }) => `${path} must not be there`)];
}

/** The table as docs/security.md shows it. */
export function floorsAsMarkdown(): string {
  const rows = floors.map(
    ({ name, version, exactly, because }) => `| \`${name}\` | ${exactly ? "exactly " : ""}${version} | ${because} |`,
  );
  return ["| package | lowest version | below it |", "|---|---|---|", ...rows].join("\n");
}
