// npm run build: Prisma's client, Next's pages and the server in one file. dist/server.mjs needs only node_modules,
// .next, prisma/migrations, templates and public beside it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";

const bin = (name: string) => join("node_modules", ".bin", name);

function step(title: string, command: string[], environment: Record<string, string>): void {
  const startedAt = performance.now();
  const [program = "", ...rest] = command;
  const result = spawnSync(program, rest, { stdio: "inherit", env: { ...process.env, ...environment } });
  if (result.status !== 0) {
    console.error(`build: ${title} failed; its own words are above.`);
    process.exit(1);
  }
  console.log(`build: ${title} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}

// The schema engine cannot be downloaded everywhere, and `generate` needs none: its compiler is WebAssembly.
step("database client", [bin("prisma"), "generate"], { PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true" });
step("pages", [bin("next"), "build"], { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" });

// Chunks are named by their content: old ones would stay.
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
const settings = {
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  sourcemap: true,
  logLevel: "warning",
} satisfies BuildOptions;

await build({
  ...settings,
  entryPoints: { idp: "cluster/idp/idp.ts", "screen-worker": "lib/terminals/screen-worker.ts" },
  packages: "external",
});
// One file instead of several hundred: finding and linking those took a third of the time until the server ran. What pages load
// too stays outside where it keeps state or asks `instanceof`, and so does what loads files beside itself. Chunks keep what is
// imported later (PGlite) out of a start that does not need it.
await build({
  ...settings,
  entryPoints: { portal: "server.ts" },
  splitting: true,
  external: [
    ...["next", "next/*", "@electric-sql/*", "pglite-prisma-adapter", "@prisma/*", "@lydell/node-pty", "pg", "pino"],
    ...["rate-limiter-flexible", "ssh2", "ssh2/*"],
  ],
  // Packages in the older format call these.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
});

// The configuration as Next resolved it: given in this way, as its own standalone server does, it is not read, checked and
// merged again at each start.
const { config: pages } = JSON.parse(readFileSync(".next/required-server-files.json", "utf8"));
// React and Next choose their build by NODE_ENV when they are first loaded, so it is set before anything is. What V8 made of
// the code is kept in the portal's own data directory: the next start spends a fifth less on it.
const entry = `import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

process.env.NODE_ENV = "production";
process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = ${JSON.stringify(JSON.stringify(pages))};
const data = process.env.PORTAL_DATA || ".data";
if (existsSync(data)) enableCompileCache(join(data, "compile-cache"));
await import("./portal.mjs");
`;
writeFileSync("dist/server.mjs", entry);
console.log("build: server");
