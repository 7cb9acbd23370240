// Rows as no endpoint would make them, written past the portal: tokens expired or revoked, people shut out, sessions without
// a job. They go when the file of attacks that planted them ends.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { inDatabase, siteUnderTest } from "@/e2e/attacks/site";
import { type Scope, scopes } from "@/lib/auth/schema";

export type Flaws = { scopes?: readonly Scope[]; isExpired?: boolean; isRevoked?: boolean };

// Removed in this order: a person last.
const planted: Record<"Upload" | "Terminal" | "Session" | "Token" | "User", string[]> = {
  ...{ Upload: [], Terminal: [], Session: [], Token: [], User: [] },
};

/** People who are kept out until the file of attacks ends. */
const outside: string[] = [];

/** Disables a person, whose logins and tokens go on being shown. */
export async function shutOut(subject: string): Promise<void> {
  outside.push(subject);
  await inDatabase('update "User" set "disabledAt" = now() where subject = $1', [subject]);
}

/** remove-planted.ts has it done after each file. */
export async function removePlanted(): Promise<void> {
  await inDatabase('update "User" set "disabledAt" = null where subject = any($1)', [outside.splice(0)]);
  for (const [table, ids] of Object.entries(planted)) {
    if (ids.length > 0) await inDatabase(`delete from "${table}" where id = any($1)`, [ids.splice(0)]);
  }
}

export async function userId(subject: string): Promise<string> {
  const [row] = await inDatabase<{ id: string }>('select id from "User" where subject = $1', [subject]);
  if (!row) throw new Error(`${subject} has never signed in.`);
  return row.id;
}

/** A token of `subject`'s; good unless a flaw is asked for. */
export async function plantToken(subject: string, flaws: Flaws = {}): Promise<{ id: string; secret: string }> {
  const secret = `berth_${randomBytes(32).toString("base64url")}`;
  const hash = createHash("sha256").update(secret).digest("hex");
  const id = randomUUID();
  planted.Token.push(id);
  const expiresAt = new Date(Date.now() + (flaws.isExpired ? -1 : 1) * 3_600_000);
  const revokedAt = flaws.isRevoked ? new Date() : null;
  await inDatabase(
    `insert into "Token" (id, "userId", name, hash, scopes, "expiresAt", "revokedAt") values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, await userId(subject), "planted", hash, flaws.scopes ?? scopes, expiresAt, revokedAt],
  );
  return { id, secret };
}

/** A person of the site's provider who never signed in through it; shut out already when `isDisabled`. */
export async function plantPerson(subject: string, { isDisabled = false } = {}): Promise<string> {
  const id = randomUUID();
  planted.User.push(id);
  await inDatabase(
    `insert into "User" (id, issuer, subject, name, roles, groups, "disabledAt") values ($1, $2, $3, $3, '{researcher}', '{}', $4)`,
    [id, siteUnderTest().idpUrl, subject, isDisabled ? new Date() : null],
  );
  return id;
}

/**
 * A session of `subject`'s that looks ready but has no job: the reconciler takes it for one that is finished and cleaned,
 * and leaves it alone.
 */
export async function plantSession(subject: string): Promise<string> {
  const id = `z${randomBytes(8).toString("hex").slice(1)}`;
  planted.Session.push(id);
  const request = { template: "web-folder", cluster: "hpc", cpus: 1, memoryGiB: 0.2, minutes: 30 };
  const row = {
    id,
    ownerId: await userId(subject),
    idempotencyKey: randomUUID(),
    requestHash: "none",
    name: `Private to ${subject}`,
    template: "web-folder",
    templateVersion: "1",
    cluster: "hpc",
    unixAccount: subject,
    request: JSON.stringify(request),
    ...{ nodes: 1, cpus: 1, memoryGiB: 0.2, gpus: 0, state: "ready", updatedAt: new Date(), cleanedAt: new Date() },
  };
  const names = Object.keys(row).map((name) => `"${name}"`);
  const places = names.map((_name, index) => `$${index + 1}`);
  await inDatabase(`insert into "Session" (${names.join()}) values (${places.join()})`, Object.values(row));
  return id;
}

/** A terminal of `subject`'s that was asked for and never opened. */
export async function plantTerminal(subject: string): Promise<string> {
  const id = randomBytes(16).toString("hex");
  planted.Terminal.push(id);
  await inDatabase(
    `insert into "Terminal" (id, "ownerId", name, cluster, "unixAccount", state) values ($1, $2, $3, 'hpc', $4, 'new')`,
    [id, await userId(subject), `Private to ${subject}`, subject],
  );
  return id;
}

/** An upload of `subject`'s, of nothing: one that has begun, or one that is over, of which the cluster is not asked any more. */
export async function plantUpload(
  subject: string,
  { isFinished = false, folder = `/home/${subject}`, name = `Private to ${subject}` } = {},
): Promise<string> {
  const id = randomBytes(16).toString("hex");
  planted.Upload.push(id);
  await inDatabase(
    `insert into "Upload" (id, "ownerId", cluster, "unixAccount", folder, name, size, overwrite, "finishedAt")
     values ($1, $2, 'hpc', $3, $4, $5, 0, false, $6)`,
    [id, await userId(subject), subject, folder, name, isFinished ? new Date() : null],
  );
  return id;
}
