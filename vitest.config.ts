// The projects: unit is quick and needs no daemon; pglite has the tests with a database; processes needs no daemon either but
// starts and kills real processes; pg starts a PostgreSQL of its own and runs every test with a database on it; cluster needs the real Slurm and
// sshd of cluster/up, and so do cluster-long and kills, which take minutes. `vitest run --project unit lib/ssh` is what one runs while working.
import { globSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const elsewhere = ["**/node_modules/**", "**/.next*/**", "dist/**", "e2e/**", "prisma/generated/**"];
/** Every test that uses a database runs on both: on PGlite in pglite, on PostgreSQL in pg. */
const onDatabase = globSync("lib/**/*.test.ts")
  .filter((file) => !file.endsWith(".cluster.test.ts"))
  .filter((file) => /^useDatabase\(/m.test(readFileSync(file, "utf8")));
const daemons = ["**/*.pg.test.ts", "**/*.cluster.test.ts"];

/** What takes seconds, because real jobs run, end and are killed in it, programs run for each row, or gigabytes pass. */
const processes = [
  "cluster/lib/*.test.ts",
  "cluster/idp/**/*.test.ts",
  "dev/test/*.test.ts",
  "lib/auth/{logins,sign-in,unix-account}.test.ts",
  "lib/clusters/{local,shell-script}.test.ts",
  "lib/db/embedded.test.ts",
  "lib/files/{action-scripts,extract-script,trash-scripts,upload-scripts}.test.ts",
  "lib/gateway/{bulk,portal-gateway,upload}.test.ts",
  "lib/{kill-point,operator,passing-buffers}.test.ts",
  "lib/reconciler/watch-starts.test.ts",
  "lib/scheduler/{stage,local/*}.test.ts",
  "lib/sessions/**/*.test.ts",
  "lib/terminals/serve-terminal.test.ts",
];

/** Those of them with a database: on PostgreSQL in every run, on the far slower PGlite in test:all. */
const processesOnDatabase = globSync(processes).filter((file) => onDatabase.includes(file));

/** Minutes of files and of what the doctor finds: for test:all. */
const long = ["dev/files-{actions,archive,batch,extract}.cluster.test.ts", "lib/clusters/examine.cluster.test.ts"];

/** Every kill point again, and random kills: for test:all. */
const kills = ["lib/sessions/kill.cluster.test.ts"];

const onCluster = {
  cluster: { include: ["**/*.cluster.test.ts"], exclude: [...elsewhere, ...kills, ...long] },
  "cluster-long": { include: long, exclude: elsewhere },
  kills: { include: kills, exclude: elsewhere },
};

const longAttacks = "e2e/attacks/*.long.attack.ts";
/** Which of the long rows are in each: all, none, and on another site those that depend on it. */
const attacks = { attacks: /./, "attacks-quick": /^$/, "attacks-elsewhere": /cookie-tossing|pages/ };

export default defineConfig({
  resolve: { alias: [{ find: /^@\//, replacement: `${import.meta.dirname}/` }] },
  test: {
    // A zone with an odd offset finds what reads the clock of the place instead of UTC.
    env: { TZ: "Asia/Kathmandu" },
    sequence: { shuffle: true },
    maxWorkers: 2,
    // Generous: what is waited for is a condition, and the machine may be busy.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["**/*.test.ts", "**/*.test.tsx"],
          exclude: [...elsewhere, ...daemons, ...processes, ...onDatabase],
          // Most of their time would be importing the same modules again; dev/setup-unit.ts forgets what the last file left.
          isolate: false,
          setupFiles: ["dev/setup-unit.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "pglite",
          include: onDatabase,
          exclude: [...daemons, ...processesOnDatabase],
          isolate: false,
          setupFiles: ["dev/setup-unit.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "processes",
          include: processes,
          exclude: [...elsewhere, ...daemons, ...processesOnDatabase],
          setupFiles: ["dev/setup-unit.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "processes-pglite",
          include: processesOnDatabase,
          exclude: daemons,
          setupFiles: ["dev/setup-unit.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "pg",
          include: ["**/*.pg.test.ts", ...onDatabase],
          exclude: elsewhere,
          isolate: false,
          globalSetup: ["dev/setup-postgres.ts"],
          setupFiles: ["dev/setup-unit.ts", "dev/setup-pg.ts"],
        },
      },
      ...Object.entries(onCluster).map(([name, files]) => ({
        extends: true as const,
        test: {
          name,
          ...files,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 600_000,
        },
      })),
      ...Object.entries(attacks).map(([name, long]) => ({
        extends: true as const,
        test: {
          name,
          include: ["e2e/attacks/*.attack.ts"],
          // Long rows take minutes, or need the site to themselves; the last look for what the others left behind.
          exclude: ["e2e/attacks/*.last.attack.ts", ...globSync(longAttacks).filter((file) => !long.test(file))],
          fileParallelism: false,
          // A tenth of their time would be importing the same modules again.
          isolate: false,
          globalSetup: ["e2e/attacks/witness.ts"],
          setupFiles: ["e2e/attacks/remove-planted.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      })),
      {
        extends: true,
        test: {
          name: "attacks-last",
          include: ["e2e/attacks/*.last.attack.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
        },
      },
      ...Object.entries({ faults: "*", "faults-quick": "landing", "faults-long": "*.long" }).map(([name, which]) => ({
        extends: true as const,
        test: {
          name,
          include: [`e2e/faults/${which}.fault.ts`],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      })),
    ],
  },
});
