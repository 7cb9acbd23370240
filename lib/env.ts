// The only reader of process.env. Everything a site decides beyond secrets and places is in portal.yaml (lib/config.ts).
import { readFileSync, type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { PortalError } from "@/lib/errors";

/**
 * True when accounts besides the portal's can read a secret. A group that can is none where root gave the file to the portal's
 * own group in a pod of Kubernetes, as `fsGroup` does, and where its bit is the mask of an access list, as of systemd's `LoadCredential=`.
 */
export function isOpenToOthers(file: string, { mode, uid, gid }: Pick<Stats, "mode" | "uid" | "gid">): boolean {
  const given = process.env.CREDENTIALS_DIRECTORY;
  const isRoots = uid === 0 && process.getuid?.() !== 0;
  const isInPod = process.env.KUBERNETES_SERVICE_HOST !== undefined;
  const isForUs =
    isRoots && ((isInPod && gid === process.getgid?.()) || (given && resolve(file).startsWith(`${given}/`)));
  return (mode & (isForUs ? 0o037 : 0o077)) !== 0;
}

/** Text of `NAME`, or of the file named by `NAME_FILE`, which only its owner may read. */
function secret(name: string): string | null {
  const direct = process.env[name];
  if (direct) return direct;
  const file = process.env[`${name}_FILE`];
  if (!file) return null;
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new PortalError("invalid", `${name}_FILE: there is no file ${file}.`);
  if (isOpenToOthers(file, found)) {
    throw new PortalError("invalid", `${file} can be read by others: run chmod 600 on it.`);
  }
  const text = readFileSync(file, "utf8").trim();
  // As if it were not set, the portal would begin with an empty database of its own.
  if (text === "") throw new PortalError("invalid", `${file} is empty: ${name} is what it must hold.`);
  return text;
}

const roles = ["web", "gateway", "reconciler"] as const;
export type ProcessRole = (typeof roles)[number];

function processRoles(): ProcessRole[] {
  const wanted = (process.env.PORTAL_ROLES || roles.join(",")).split(",").map((role) => role.trim());
  const known = roles.filter((role) => wanted.includes(role));
  if (known.length !== wanted.length) throw new PortalError("invalid", `PORTAL_ROLES knows only ${roles.join(", ")}.`);
  return known;
}

function port(): number {
  const value = process.env.PORT || "3000";
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new PortalError("invalid", `PORT must be a number up to 65535, not "${value}".`);
}

/**
 * The address of a PostgreSQL server, or null. What could not be read as one would be told much later, and as a server that
 * does not answer. Of the value nothing is told: it holds a password.
 */
function databaseUrl(): string | null {
  const value = secret("DATABASE_URL");
  // node-postgres takes an address without a host, too: that of a socket is in its query.
  if (value === null || (/^postgres(ql)?:\/\//.test(value) && URL.canParse(value.replace("@/", "@localhost/"))))
    return value;
  const where = process.env.DATABASE_URL ? "DATABASE_URL" : `DATABASE_URL (in ${process.env.DATABASE_URL_FILE})`;
  const how = "postgresql://user:password@host:5432/name, without quotes";
  throw new PortalError(
    "invalid",
    `${where} is no address such as ${how}. In the password write / # ? @ : % as %2F %23 %3F %40 %3A %25.`,
  );
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

function logLevel(): string {
  const value = process.env.LOG_LEVEL || "info";
  if (logLevels.includes(value)) return value;
  throw new PortalError("invalid", `LOG_LEVEL must be one of ${logLevels.join(", ")}, not "${value}".`);
}

/** Read anew at each call, so that nothing is decided at import time. What is set to nothing is not set. */
export function env() {
  // turbopackIgnore: where these are is known at start only, and Next would trace the whole project for them.
  const dataDir = resolve(/* turbopackIgnore: true */ process.env.PORTAL_DATA || ".data");
  return {
    production: process.env.NODE_ENV === "production",
    /** The demo: embedded defaults, demo accounts, cookie and origin rules for localhost. */
    demo: process.env.PORTAL_DEMO === "1",
    configFile: resolve(/* turbopackIgnore: true */ process.env.PORTAL_CONFIG || join(dataDir, "portal.yaml")),
    dataDir,
    /** Where templates/ lives: a site edits its own copy. */
    templatesDir: resolve(/* turbopackIgnore: true */ process.env.PORTAL_TEMPLATES || "templates"),
    port: port(),
    // Not HOST, which shells set to the machine's own name.
    host: process.env.PORTAL_HOST || "127.0.0.1",
    roles: processRoles(),
    databaseUrl: databaseUrl(),
    secret: secret("PORTAL_SECRET"),
    oidcClientSecret: secret("OIDC_CLIENT_SECRET"),
    logLevel: logLevel(),
    /** Development: a partition that rejects on purpose is offered. */
    sentinels: process.env.PORTAL_SENTINELS === "1",
    /** Tests: the process kills itself at this named instruction (dev/kill-at.mjs). */
    parentWatch: process.env.PORTAL_PARENT_WATCH === "1",
  };
}

/** next-auth 4 takes the portal's address from this variable and from nowhere else. Called before each use of it. */
export function tellNextAuth(url: string): void {
  process.env.NEXTAUTH_URL = url;
}
