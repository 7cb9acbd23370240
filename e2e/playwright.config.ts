// End-to-end tests in Debian's Chromium against portals that dev/test.ts has started (BERTH_URL, BERTH_DATA).
import { defineConfig } from "@playwright/test";
import { shellOptions } from "@/dev/chromium";

const onSlurm = ["slurm-*.e2e.ts", "kill-*.e2e.ts", "long-*.e2e.ts"];

// Journeys with the tag @all are left to npm run test:all.
export default defineConfig({
  testDir: ".",
  testMatch: "*.e2e.ts",
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 1,
  // A browser beside two busy cores may miss a patience of seconds; whoever needed it is named at the end of npm test.
  retries: 1,
  forbidOnly: true,
  use: {
    actionTimeout: 20_000,
    baseURL: process.env.BERTH_URL,
    launchOptions: shellOptions,
    // What spins and breathes is drawn in software here: a tenth of all the work.
    contextOptions: { reducedMotion: "reduce" },
    // A trace of everything costs as much processor time as the journeys themselves: `playwright test --trace on` for one.
    trace: "off",
    screenshot: "only-on-failure",
  },
  // A folder each: some run at the same time, and each empties its own when it begins.
  projects: [
    { name: "embedded", testIgnore: onSlurm, grepInvert: /@all/ },
    { name: "embedded-rest", testIgnore: onSlurm, grep: /@all/ },
    { name: "slurm", testMatch: ["slurm-*.e2e.ts", "notebook.e2e.ts", "terminal.e2e.ts"], grepInvert: /@all/ },
    // On Slurm over sshd: what takes minutes, and every journey of files.
    { name: "long", testMatch: ["long-*.e2e.ts", "files*.e2e.ts"] },
    { name: "kill", testMatch: "kill-*.e2e.ts", timeout: 300_000, retries: 0 },
  ].map((project) => ({ ...project, outputDir: `../test-results/e2e-${project.name}` })),
});
