// npm run build: Prisma's client, Next's pages and the server in one file. dist/server.mjs needs only node_modules,
// .next, prisma/migrations, templates and public beside it.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

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

mkdirSync("dist", { recursive: true });
await build({
  entryPoints: {
    portal: "server.ts",
    idp: "cluster/idp/idp.ts",
    "screen-worker": "lib/terminals/screen-worker.ts",
  },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  packages: "external",
  sourcemap: true,
  logLevel: "warning",
});
// React and Next choose their build by NODE_ENV when they are first loaded, so it is set before anything is. What V8 made of
// the code is kept in the portal's own data directory: the next start spends a fifth less on it.
const entry = `import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

process.env.NODE_ENV = "production";
const data = process.env.PORTAL_DATA ?? ".data";
if (existsSync(data)) enableCompileCache(join(data, "compile-cache"));
await import("./portal.mjs");
`;
writeFileSync("dist/server.mjs", entry);
console.log("build: server");
