// Starts the project's commands on any machine with npm: installs what package-lock.json names, then hands over to the
// project's own Node. Plain JavaScript for the Node the machine happens to have (18 or later).
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Read first: npm may be killed while packages are installed. package.json says `exec`, because a shell between npm and us
// would outlive npm, and our parent would never change.
const parent = process.ppid;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const [command = "", ...rest] = process.argv.slice(2);
const quiet = ["token", "audit", "user", "metrics"].includes(command);

const hash = (files) => files.reduce((sum, file) => sum.update(readFileSync(file)), createHash("sha256")).digest("hex");

/** Runs once per content of `files`, and when `made` is missing: the stamp keeps the hash of what it was last run for. */
async function unlessStamped({ stamp, files, made }, work) {
  const wanted = hash(files);
  if (existsSync(made) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  await work();
  writeFileSync(stamp, wanted);
}

/** Tells what runs now to end; this command ends with it. */
let tell = () => process.exit(143);
let isTold = false;
const end = (signal) => {
  isTold = true;
  tell(signal);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
// npm that is killed passes nothing on: then only our parent changes.
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  // Once: who is told again after a while ends at once, and leaves what it started.
  clearInterval(watch);
  end("SIGTERM");
}, 500).unref();

/** Kills the program of that group with all that it started. */
function killGroup({ pid }) {
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // It ended just now, or never began.
  }
}

async function must(title, [program, ...args], env = {}) {
  const startedAt = Date.now();
  if (!quiet) console.error(`• ${title}`);
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    detached: true,
  });
  tell = () => killGroup(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  const [code] = await once(child, "close").catch((error) => [error.message]);
  if (isTold) process.exit(143);
  if (code === 0) {
    if (!quiet) console.error(`  done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    return;
  }
  console.error(said);
  console.error(`✗ ${title} failed (exit code ${code}). Mend what is said above and run the command again.`);
  process.exit(1);
}

// A token is asked for beside a running portal, often from an account that may not write here: npm ci would take the
// packages away from under it.
const isReady = quiet && existsSync("node_modules/.bin/tsx") && existsSync("prisma/generated");
const prepare = isReady ? async () => {} : unlessStamped;

const packages = {
  stamp: "node_modules/.berth-installed",
  files: ["package-lock.json"],
  made: "node_modules/.bin/tsx",
};
await prepare(packages, () =>
  must("installing packages with npm ci", ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]),
);
const schemas = readdirSync("prisma/schema").map((name) => join("prisma/schema", name));
await prepare({ stamp: "node_modules/.berth-generated", files: schemas, made: "prisma/generated" }, () =>
  must("generating the database client", ["node_modules/.bin/prisma", "generate"], {
    PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true",
  }),
);

const child = spawn("node_modules/.bin/node", ["--import", "tsx", `dev/${command}.ts`, ...rest], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` },
});
// After Ctrl-C in a terminal it comes twice, which is one wish.
tell = (signal) => child.kill(signal);
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 143 : 1)));
