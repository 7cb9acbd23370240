// What a terminal's record says and what ends it, on the real sshd and Slurm of cluster/up: a lost SSH connection, a person's
// limit, idleness, what is audited, and a job in which the person may start nothing.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { isOpen, shows, useTerminals } from "@/dev/test-terminals";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { clusterFile } from "@/lib/scheduler/contract-cluster";
import { endTerminal, listTerminals } from "@/lib/terminals/change-terminal";
import { createTerminal } from "@/lib/terminals/create-terminal";

useDatabase();
const ground = useTerminals();
const { create, look, ready } = ground;

/** Resets the connection that holds the shell on `tty`: its sshd is killed, as a node's crash or a firewall does. */
async function cutSsh(tty: string): Promise<void> {
  const all = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  const [pid] =
    all
      .find((line) => line.endsWith(`sshd: alice@${tty}`))
      ?.trim()
      .split(" ") ?? [];
  expect(pid).toBeDefined();
  process.kill(Number(pid), "SIGKILL");
}

async function ttyOf(viewer: Awaited<ReturnType<typeof ready>>, tmux: boolean): Promise<string> {
  viewer.type(tmux ? "tmux -L berth display -p 'seen by:#{client_tty}:'\r" : 'echo "seen by:$(tty):"\r');
  await shows(viewer, /^seen by:\/dev\/pts\/\d+:$/m);
  return /^seen by:\/dev\/(pts\/\d+):$/m.exec(await viewer.screen())?.[1] ?? "";
}

it("F15 comes back with its lines when the SSH connection drops under it, and types nothing twice, where tmux holds it", async () => {
  config().terminals.tmux = "auto";
  const id = await create();
  const viewer = await ready(id);
  viewer.type("seq 1 60; n=0\r");
  await shows(viewer, /\n60\n/);
  const tty = await ttyOf(viewer, true);
  viewer.type("n=$((n + 1)); echo count-$n\r");
  await shows(viewer, /^count-1$/m);
  await cutSsh(tty);
  await expect.poll(() => viewer.status().kind, { interval: 5 }).not.toBe("open");
  await isOpen(viewer);
  await shows(viewer, /\n1\n2\n3\n[\s\S]*\n60\n[\s\S]*^count-1$/m);
  viewer.type("n=$((n + 1)); echo count-$n\r");
  await shows(viewer, /^count-2$/m);
});

it("F15 says that the shell went with the SSH connection where no tmux held it", async () => {
  const viewer = await ready(await create());
  await cutSsh(await ttyOf(viewer, false));
  const detail = "The connection to the login node was lost, and the shell with it.";
  await expect.poll(viewer.status, { timeout: 20_000 }).toEqual({ kind: "ended", detail });
});

it("is refused beyond the limit of a person, which says so; an ended one makes room", async () => {
  const { perPerson } = config().terminals;
  config().terminals.perPerson = 2;
  try {
    const [first] = [await create(), await create()];
    const words = "You have 2 terminals, which is the limit. End one first.";
    await expect(create()).rejects.toMatchObject({ code: "denied", message: words });
    const bob = await signInPerson("bob");
    const other = await createTerminal(bob.actor, { cluster: "hpc" });
    await endTerminal(bob.actor, other.id);
    await endTerminal(ground.alice.actor, first);
    await create();
  } finally {
    config().terminals.perPerson = perPerson;
  }
});

it("ends when nobody looked for the time that is shown, not while somebody looks", async () => {
  const [seen, unseen] = [await create(), await create()];
  const viewer = await ready(seen);
  const left = await ready(unseen);
  left.close();
  const { idleMinutes } = config().terminals;
  const [shown] = (await listTerminals(ground.alice.actor)).items;
  const promised = Date.parse(shown?.idleEndsAt ?? "") - Date.parse(shown?.lastActivityAt ?? "");
  expect(promised).toBe(idleMinutes * 60_000);
  const idle = new Date(Date.now() - idleMinutes * 60_000 - 1000);
  await db().terminal.updateMany({ where: { id: { in: [seen, unseen] } }, data: { lastActivityAt: idle } });
  const stateOf = async (id: string) => db().terminal.findUnique({ where: { id } });
  const ended = { state: "ended", endDetail: `Nobody used it for ${idleMinutes} minutes.` };
  await expect.poll(() => stateOf(unseen), { timeout: 30_000 }).toMatchObject(ended);
  expect(viewer.status()).toEqual({ kind: "open" });
  expect(await stateOf(seen)).toMatchObject({ state: "open" });
});

it("is audited when it is opened, looked at and ended, and nothing of what is typed", async () => {
  const id = await create();
  const viewer = await ready(id);
  viewer.type("echo very-sec''ret\r");
  await shows(viewer, /very-secret/);
  viewer.drop();
  await expect.poll(() => viewer.status().kind, { interval: 5 }).not.toBe("open");
  await isOpen(viewer);
  await endTerminal(ground.alice.actor, id);
  const events = await db().event.findMany({ where: { subjectId: id }, orderBy: { id: "asc" } });
  const actions = ["terminal.create", "terminal.attach", "terminal.attach", "terminal.end"];
  expect(events.map(({ action }) => action)).toEqual(actions);
  const words = JSON.stringify(events, (_key, value) => (typeof value === "bigint" ? String(value) : value));
  expect(words).toContain("hpc");
  expect(words).not.toContain("secret");
});

/** A job of `user` that runs, by hand. */
async function runningJob(user: string): Promise<string> {
  const { slurmConf, slurmBin } = clusterFile();
  const { run } = cluster("hpc").reach;
  const slurm = async (program: string, ...args: string[]) => {
    const { stdout } = await run(["env", `SLURM_CONF=${slurmConf}`, `${slurmBin}/${program}`, ...args], { user });
    return Buffer.from(stdout).toString().trim();
  };
  const id = await slurm("sbatch", "--parsable", "--output=/dev/null", "--mem=50", "--wrap=sleep 120");
  await expect.poll(() => slurm("squeue", "-h", "-o", "%t", "-j", id), { timeout: 60_000 }).toBe("R");
  return id;
}

async function sessionWith(jobId: string): Promise<string> {
  const id = `s${jobId.padStart(15, "0")}`;
  const nothing = { nodes: 1, cpus: 1, memoryGiB: 1, gpus: 0, requestHash: "", idempotencyKey: id };
  const place = { cluster: "hpc", unixAccount: "alice", directory: "/tmp", jobId };
  const what = { name: "", template: "jupyter", templateVersion: "1", request: {}, state: "ready" };
  await db().session.create({ data: { id, ownerId: ground.alice.actor.userId, ...nothing, ...place, ...what } });
  return id;
}

it("opens inside a session's job, in its directory, named after what runs there", async () => {
  const jobId = await runningJob("alice");
  const id = await create({ sessionId: await sessionWith(jobId) });
  const [shown] = (await listTerminals(ground.alice.actor)).items.filter((item) => item.id === id);
  expect(shown?.name).toBe("Jupyter");
  const viewer = await ready(id);
  viewer.type("echo $SLURM_JOB_ID in $PWD\r");
  await shows(viewer, new RegExp(`^${jobId} in /tmp$`, "m"));
});

it.each(["never", "auto"] as const)(
  "says in Slurm's words why nothing starts inside a job (tmux: %s)",
  async (tmux) => {
    config().terminals.tmux = tmux;
    const id = await create({ sessionId: await sessionWith(await runningJob("bob")) });
    const viewer = look(id);
    await expect.poll(viewer.status, { timeout: 20_000 }).toMatchObject({ kind: "refused", reason: "failed" });
    expect(viewer.status()).toMatchObject({
      detail: expect.stringMatching(/starts nothing inside this session's job: .*Access\/permission denied/),
    });
  },
);
