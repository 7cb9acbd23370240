// An empty Next app of the portal's own Next and React, built once into the bench's cache: what any page costs at least.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "@/package.json";
import { cacheDir, endProcess, type Peer } from "./peers";

const { next, react } = packageJson.dependencies;

const files = {
  "app/layout.js": `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
  "app/page.js": `export default function Page() {
  return <h1>Empty</h1>;
}
`,
  "package.json": `${JSON.stringify({ private: true, dependencies: { next, react, "react-dom": react } })}\n`,
};

const environment = { ...process.env, NODE_ENV: "production" as const, NEXT_TELEMETRY_DISABLED: "1" };

/** Answers the directory of the built app. */
export function emptyNext(): string {
  const folder = join(cacheDir, `empty-next-${next}-${react}`);
  if (existsSync(join(folder, ".next/BUILD_ID"))) return folder;
  mkdirSync(join(folder, "app"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: "inherit" });
  const build = ["node_modules/next/dist/bin/next", "build"];
  execFileSync(process.execPath, build, { cwd: folder, env: environment, stdio: ["ignore", "ignore", "inherit"] });
  return folder;
}

/** `next start`, as its documentation says; does not wait until it answers. */
export function startEmptyNext(port: number): Peer {
  const args = ["node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1", "--port", String(port)];
  const child = spawn(process.execPath, args, { cwd: emptyNext(), env: environment, stdio: "ignore" });
  return { port, pid: child.pid ?? 0, end: () => endProcess(child) };
}

/** Asks for `url` until it answers 200. */
export async function untilFirstPage(url: string): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  while (performance.now() < giveUpAt) {
    const answer = await fetch(url, { redirect: "manual" }).catch(() => null);
    await answer?.text();
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${url} did not answer 200 within a minute.`);
}
