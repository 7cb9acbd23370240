// What must be in order before the portal listens: it refuses to start rather than run weakly guarded. Each refusal is
// one sentence that says what to do.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { config } from "@/lib/config";
import { env, isOpenToOthers } from "@/lib/env";
import { PortalError } from "@/lib/errors";
import { requireSecret } from "@/lib/seal";
import { templates } from "@/lib/templates/template";

/** Whoever reads a CA key can act as any admitted person. */
function checkAuthorityKey(cluster: string, keyFile: string): void {
  const found = statSync(keyFile, { throwIfNoEntry: false });
  if (!found) throw new PortalError("invalid", `Cluster ${cluster}: there is no CA key at ${keyFile}.`);
  if (isOpenToOthers(keyFile, found)) {
    throw new PortalError("invalid", `Cluster ${cluster}: others can read its CA key. Run chmod 600 ${keyFile}.`);
  }
}

/**
 * Whoever is on the way to the provider would read codes and tokens, and could sign in as anybody; on the way to the portal,
 * cookies, which browsers keep only where it is encrypted or this machine.
 */
function checkEncrypted(setting: string, url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:" || /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) return;
  throw new PortalError("invalid", `${setting} ${url} is not encrypted: write its https:// address.`);
}

/** Checked before anything is made in it: it will hold the operators' socket, and perhaps the database. */
function checkDataDirectory(): void {
  const { dataDir } = env();
  if ((statSync(dataDir, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) {
    throw new PortalError("invalid", `${dataDir} can be opened by others: run chmod go= on it.`);
  }
}

/** A template's script runs as whoever launches it: who can write one acts as everybody. */
function checkTemplatesWritable(): void {
  const { templatesDir, demo } = env();
  // A checkout of somebody whose group is theirs alone is group-writable; the demo is started from one.
  const forbidden = demo ? 0o002 : 0o022;
  const inside = readdirSync(templatesDir, { recursive: true, encoding: "utf8" }).map((name) =>
    join(templatesDir, name),
  );
  for (const path of [templatesDir, ...inside]) {
    if ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & forbidden)
      throw new PortalError("invalid", `Others can change the template file ${path}: run chmod go-w on it.`);
  }
}

/** Root could read everybody's files: nothing the portal does needs that, so a mistake must not be able to use it. */
export function refuseRoot(uid: number | undefined): void {
  if (uid !== 0) return;
  throw new PortalError("invalid", "The portal never runs as root. Start it as an ordinary account of its own.");
}

/** Throws `invalid` for a configuration, a secret, a template or a key file that the portal must not run with. */
export function checkStart(): void {
  for (const { name, ssh } of config().clusters) {
    if (ssh && "keyFile" in ssh.ca) checkAuthorityKey(name, ssh.ca.keyFile);
  }
  checkEncrypted("url", config().url);
  checkEncrypted("signIn.issuer", config().signIn.issuer);
  requireSecret();
  checkDataDirectory();
  templates();
  checkTemplatesWritable();
}
