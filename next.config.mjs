// Next serves the pages and the API; server.ts is in front of it. No image optimizer, no server actions, no middleware.
import { copyFileSync } from "node:fs";
import { PHASE_PRODUCTION_SERVER } from "next/constants.js";

const distDir = process.env.NEXT_DIST_DIR ?? ".next";
// Next writes its folder into the tsconfig it builds with: a second build gets a copy of its own to write to.
const tsconfigPath = distDir === ".next" ? "tsconfig.json" : `${distDir}.tsconfig.json`;

/** @type {import("next").NextConfig} */
const settings = {
  distDir,
  reactStrictMode: true,
  poweredByHeader: false,
  productionBrowserSourceMaps: false,
  // Responses that must not be held back (event streams, downloads) say `Cache-Control: no-transform`.
  compress: true,
  images: { unoptimized: true },
  devIndicators: false,
  // Messages reach the browser compiled (components/compiled-messages.ts): it needs no ICU parser.
  turbopack: {
    resolveAlias: { "use-intl/format-message": "use-intl/format-message/format-only" },
  },
  // npm test has checked them a moment ago.
  typescript: { ignoreBuildErrors: process.env.BERTH_TYPES_CHECKED === "1", tsconfigPath },
  // TypeScript 7 has no JavaScript API: types are checked by its own program.
  // A page is loaded when it is first asked for, not while somebody waits for the process to start.
  experimental: { useTypeScriptCli: true, preloadEntriesOnStart: false },
  // One instance for server.ts and every route: these keep state, or load files beside themselves.
  serverExternalPackages: [
    "@electric-sql/pglite",
    "@lydell/node-pty",
    "@prisma/adapter-pg",
    "@prisma/client",
    "@prisma/schema-engine-wasm",
    "next-auth",
    "oidc-provider",
    "openid-client",
    "pg",
    "pglite-prisma-adapter",
    "pino",
    "prom-client",
    "rate-limiter-flexible",
    "ssh2",
    "ws",
    "yaml",
  ],
};

/** @param {string} phase */
export default function config(phase) {
  if (distDir !== ".next" && phase !== PHASE_PRODUCTION_SERVER) copyFileSync("tsconfig.json", tsconfigPath);
  return settings;
}
