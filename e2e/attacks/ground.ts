// What the attacks on input share: a request as a person's script sends it, what a refusal must look like, and what Slurm
// and the disk hold of a session's job.

import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { z } from "zod";
import { type Asked, apiAs, type Reply, send, siteUnderTest } from "@/e2e/attacks/site";
import { clusterDirectory, slurm } from "@/e2e/machine";
import type { SessionView } from "@/lib/sessions/schema";

const problem = z.object({
  status: z.number(),
  code: z.string(),
  requestId: z.string(),
  fields: z.record(z.string(), z.string()).optional(),
});

/** Sends again after the time that a 429 names: all rows of the suite share a person's budget. */
export async function untilAdmitted(attempt: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await attempt();
    if (reply.status !== 429) return reply;
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 1000 * Number(reply.headers["retry-after"]));
    await promise;
  }
}

/** A request with the token of `who`. */
export function ask(who: string, path: string, { headers, ...asked }: Asked = {}): Promise<Reply> {
  const authorization = `Bearer ${apiAs(who).secret}`;
  return untilAdmitted(() => send(path, { ...asked, headers: { authorization, ...headers } }));
}

type Sent = { body: unknown; headers?: Record<string, string> };

/** POST of JSON. A string or a buffer is sent as it is, so that a row can say what JSON.stringify would not. */
export function post(who: string, path: string, { body, headers }: Sent): Promise<Reply> {
  const text = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return ask(who, path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: text });
}

export const create = (who: string, body: unknown, key: string = randomUUID()): Promise<Reply> =>
  post(who, "/api/sessions", { body, headers: { "idempotency-key": key } });

/** What of an answer tells of the inside, or null. */
export const innerWords = ({ status, body }: Reply): string | null =>
  /\n\s+at |node_modules|prisma|dist\//i.test(body) ? `tells of the inside: ${status} ${body.slice(0, 300)}` : null;

/** What is wrong with a refusal, or null: 400, 404 or 422 as problem JSON that tells nothing of the inside. */
export function faultOfRefusal(reply: Reply): string | null {
  const { status, headers, body } = reply;
  const shown = `${status} ${body.slice(0, 300)}`;
  if (![400, 404, 422].includes(status)) return `not refused: ${shown}`;
  if (headers["content-type"] !== "application/problem+json") return `no problem JSON: ${shown}`;
  if (problem.safeParse(JSON.parse(body)).data?.status !== status) return `another status in the body: ${shown}`;
  return innerWords(reply);
}

/** Refused for what is attacked, not because something else in the request was wrong. A 404 names no field. */
export function expectRefused(reply: Reply, field?: string): void {
  expect(faultOfRefusal(reply)).toBeNull();
  if (!field || reply.status === 404) return;
  const { fields = {} } = problem.parse(JSON.parse(reply.body));
  expect(Object.keys(fields).filter((name) => !name.startsWith(field))).toEqual([]);
  expect(fields).not.toEqual({});
}

/** The session of an accepted request. */
export function accepted(reply: Reply): SessionView {
  expect(reply.status, reply.body).toBe(201);
  // The endpoint's schema made it.
  return JSON.parse(reply.body) as SessionView;
}

/** Everything that Slurm tells anybody about a session's job: the controller's record, accounting, and the stored script. */
export function jobRecords({ jobId, unixAccount }: Pick<SessionView, "jobId" | "unixAccount">): string {
  if (!jobId) throw new Error("The session has no job.");
  const questions = [
    ["scontrol", "show", "job", jobId],
    ["sacct", "-P", "-j", jobId, "--format=ALL"],
    ["squeue", "-t", "all", "-j", jobId, "-O", "JobID,Name:200,Comment:200,Command:200,WorkDir:200,STDOUT:200"],
    ["scontrol", "write", "batch_script", jobId, "-"],
  ];
  return questions.map((argv) => slurm(argv).join("\n")).join("\n") + slurm(["squeue", "-u", unixAccount]).join("\n");
}

/** Files that slurmctld and slurmd keep of their own: each job's script and environment among them. */
export const slurmSpool = (): string[] =>
  ["state", "spool"].map((name) => join(clusterDirectory(), name)).filter(existsSync);

/** A script of the job as the portal's release has it. */
export const constantScript = (name: "job.sh" | "place.sh" | "door.py"): Buffer =>
  readFileSync(`lib/sessions/job/${name}`);

function portalPids(): string[] {
  const mark = `PORTAL_DATA=${siteUnderTest().data}`;
  const isPortal = (pid: string) => read(pid, "environ").includes(mark) && read(pid, "cmdline").includes("server.mjs");
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isPortal(name));
  if (pids.length === 0) throw new Error("The portal is not among this machine's processes.");
  return pids;
}

/** Processes that the portal itself has started and that still are: it should need none. */
export function portalChildren(): string[] {
  const threads = portalPids().flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((one) => `${pid}/task/${one}`));
  return threads.flatMap((thread) => read(thread, "children").trim().split(" ").filter(Boolean));
}

export const portalEnvironment = (): string =>
  portalPids()
    .map((pid) => read(pid, "environ"))
    .join();

function read(process: string, file: string): string {
  try {
    return readFileSync(`/proc/${process}/${file}`, "utf8");
  } catch {
    return ""; // It ended meanwhile.
  }
}

/** Files under `directories` that hold `text`. It is no argument: those are looked at, too. */
export function filesWith(text: string, directories: string[]): string[] {
  const { stdout } = spawnSync("grep", ["-rlaF", "-f", "-", "--", ...directories], { input: text, encoding: "utf8" });
  return stdout.split("\n").filter(Boolean);
}
