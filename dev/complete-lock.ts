// Adds to package-lock.json the platform packages that this machine's npm left out because its registry does not carry
// them (a compiler for another operating system, say). Without their names `npm ci` calls the lock incomplete.
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";

const entry = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const lockSchema = z.looseObject({ packages: z.record(z.string(), entry) });
type Lock = z.infer<typeof lockSchema>;

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** Where a platform package runs, read from its name (`@x/y-linux-arm64-musl`); null when the name tells of no platform. */
function platformOf(name: string) {
  const words = name.split("/").at(-1)?.split("-") ?? [];
  const system = systems.find((known) => words.includes(known));
  const processor = processors.find((known) => words.includes(known));
  if (!processor || !(system || processor === "wasm32")) return null;
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : words.some((word) => word.startsWith("gnu"))
      ? "glibc"
      : null;
  return { cpu: [processor], ...(libc ? { libc: [libc] } : {}), ...(system ? { os: [system] } : {}) };
}

/** The platform packages that packages of `lock` name and that have no entry of their own, with the entry they need. */
export function missingPlatforms(lock: Lock): [string, z.infer<typeof entry>][] {
  return Object.values(lock.packages).flatMap((holder) =>
    Object.entries(holder.optionalDependencies ?? {}).flatMap(([name, version]): [string, z.infer<typeof entry>][] => {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (lock.packages[path] || !platform) return [];
      return [[path, { version, ...(holder.dev ? { dev: true } : {}), optional: true, ...platform }]];
    }),
  );
}

/** package-lock.json as it is. */
export function readLock(): Lock {
  return lockSchema.parse(JSON.parse(readFileSync("package-lock.json", "utf8")));
}

if (import.meta.main) {
  const lock = readLock();
  const missing = missingPlatforms(lock);
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(missing) });
  lock.packages = Object.fromEntries(packages.sort(([one], [other]) => one.localeCompare(other, "en")));
  writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} platform packages added to package-lock.json`);
}
