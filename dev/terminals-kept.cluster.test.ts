// What a terminal's record says and what ends it, on the real sshd and Slurm of cluster/up: a lost SSH connection, a person's
// limit, idleness, what is audited, and a job in which the person may start nothing.
import { execFileSync } from "node:child_process";
import { expect, it, onTestFinished, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { inTmux, ourTmux, useTerminals } from "@/dev/test-terminals";
import { isOpen, shows } from "@/dev/test-viewer";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { clusterFile } from "@/lib/scheduler/contract-cluster";
import { endTerminal, listTerminals } from "@/lib/terminals/change-terminal";
import { createTerminal } from "@/lib/terminals/create-terminal";
import { endStillHeld } from "@/lib/terminals/end-in-tmux";

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
  viewer.type(tmux ? `${ourTmux} display -p 'seen by:#{client_tty}:'\r` : 'echo "seen by:$(tty):"\r');
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

/** From now on nothing on the login node can be reached. Answers what ends that. */
function loseCluster(): () => void {
  const { reach } = cluster("hpc");
  const away = () => Promise.reject(new PortalError("cluster", "The login node does not answer."));
  const spies = [vi.spyOn(reach, "run").mockImplementation(away), vi.spyOn(reach, "terminal").mockImplementation(away)];
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
}

it("F15 waits while the login node is away, says so, and comes back with its lines when it is there again", async () => {
  config().terminals.tmux = "auto";
  const viewer = await ready(await create());
  viewer.type("echo be''fore\r");
  await shows(viewer, /^before$/m);
  const tty = await ttyOf(viewer, true);
  const find = loseCluster();
  onTestFinished(find);
  await cutSsh(tty);
  const waiting = { kind: "waiting", detail: "The login node does not answer." };
  await expect.poll(viewer.status, { timeout: 20_000, interval: 5 }).toMatchObject(waiting);
  find();
  await isOpen(viewer);
  await shows(viewer, /^before$/m);
});

it("says at once why a new one did not open, and opens when it is tried again", async () => {
  const id = await create();
  const find = loseCluster();
  onTestFinished(find);
  const viewer = look(id);
  const refused = { kind: "refused", reason: "failed", detail: "The login node does not answer." };
  await expect.poll(viewer.status, { timeout: 20_000 }).toEqual(refused);
  find();
  viewer.link.retry();
  await isOpen(viewer);
  await shows(viewer, /\$ *$/);
});

it("shows every letter where tmux holds it, on the screen and when it is drawn again", async () => {
  config().terminals.tmux = "auto";
  const id = await create();
  const viewer = await ready(id);
  viewer.type("unset LANG; printf 'is \\303\\251\\342\\230\\203\\n'\r");
  await shows(viewer, /^is é☃$/m);
  const other = look(id);
  await shows(other, /^is é☃$/m);
});

it("shows every line of what is longer than a screen where tmux holds it, and again to who comes later", async () => {
  config().terminals.tmux = "auto";
  const id = await create();
  const viewer = await ready(id);
  viewer.type("seq 1 300; echo the-e''nd\r");
  await shows(viewer, /^the-end$/m);
  const lines = async (of: typeof viewer) => (await of.screen()).match(/^\d+$/gm)?.map(Number);
  const all = Array.from({ length: 300 }, (_none, at) => at + 1);
  expect(await lines(viewer)).toEqual(all);
  expect((await db().terminal.findUnique({ where: { id } }))?.heldBy).toBe("tmux");
  const other = look(id);
  await shows(other, /^the-end$/m);
  expect(await lines(other)).toEqual(all);
  await cutSsh(await ttyOf(viewer, true));
  await expect.poll(() => viewer.status().kind, { interval: 5 }).not.toBe("open");
  await isOpen(viewer);
  await shows(viewer, /^the-end$/m);
  expect(await lines(viewer)).toEqual(all);
});

it("opens in the portal where there is a tmux that will not", async () => {
  config().terminals.tmux = "auto";
  const { reach } = cluster("hpc");
  const { run } = reach;
  const refused = { code: 1, stdout: Buffer.alloc(0), stderr: Buffer.from("directory has unsafe permissions") };
  const spy = vi
    .spyOn(reach, "run")
    .mockImplementation(async (argv, options) => (argv[4] === "open" ? refused : run(argv, options)));
  onTestFinished(() => spy.mockRestore());
  const id = await create();
  const viewer = await ready(id);
  viewer.type('echo "in:$TMUX:"\r');
  await shows(viewer, /^in::$/m);
  expect(await db().terminal.findUnique({ where: { id } })).toMatchObject({ state: "open", heldBy: "portal" });
});

it("leaves nothing in tmux when it is ended while it opens", async () => {
  config().terminals.tmux = "auto";
  const id = await create();
  const { reach } = cluster("hpc");
  const open = reach.terminal;
  const spy = vi.spyOn(reach, "terminal").mockImplementation(async (options) => {
    await endTerminal(ground.alice.actor, id);
    return open(options);
  });
  onTestFinished(() => spy.mockRestore());
  const viewer = look(id);
  await expect.poll(viewer.status, { timeout: 20_000 }).toEqual({ kind: "ended", detail: "You ended it." });
  const { stdout } = await reach.run(inTmux("list-sessions"), { user: "alice" });
  expect(Buffer.from(stdout).toString()).not.toContain(id);
});

it("is ended in tmux too when its cluster was away at that moment", async () => {
  config().terminals.tmux = "auto";
  const id = await create();
  const viewer = await ready(id);
  const find = loseCluster();
  onTestFinished(find);
  await endTerminal(ground.alice.actor, id);
  await expect.poll(viewer.status, { timeout: 20_000 }).toMatchObject({ kind: "ended" });
  find();
  const held = async () =>
    Buffer.from((await cluster("hpc").reach.run(inTmux("ls"), { user: "alice" })).stdout).toString();
  expect(await held()).toContain(id);
  await endStillHeld();
  expect(await held()).not.toContain(id);
  expect((await db().terminal.findUnique({ where: { id } }))?.heldBy).toBeNull();
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
  expect(viewer.status()).toMatchObject({ kind: "open" });
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

async function slurm(user: string, program: string, ...args: string[]): Promise<string> {
  const { slurmConf, slurmBin } = clusterFile();
  const argv = ["env", `SLURM_CONF=${slurmConf}`, `${slurmBin}/${program}`, ...args];
  const { stdout } = await cluster("hpc").reach.run(argv, { user });
  return Buffer.from(stdout).toString().trim();
}

/** A job of `user` that runs, by hand. */
async function runningJob(user: string, nodes = 1): Promise<string> {
  const options = ["--output=/dev/null", "--mem=50", `--nodes=${nodes}`, "--cpus-per-task=2"];
  const id = await slurm(user, "sbatch", "--parsable", ...options, "--wrap=sleep 120");
  await expect.poll(() => slurm(user, "squeue", "-h", "-o", "%t", "-j", id), { timeout: 60_000 }).toBe("R");
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

it.each([1, 2])(
  "opens once inside a session's job of %i nodes, in its directory, named after what runs there",
  async (nodes) => {
    const jobId = await runningJob("alice", nodes);
    const id = await create({ sessionId: await sessionWith(jobId) });
    const [shown] = (await listTerminals(ground.alice.actor)).items.filter((item) => item.id === id);
    expect(shown?.name).toBe("Jupyter");
    const viewer = await ready(id);
    viewer.type("echo $SLURM_JOB_ID in $PWD, shells: $SLURM_STEP_NUM_TASKS, cores: $(nproc)\r");
    await shows(viewer, /in \/tmp, shells: \d+, cores: \d+$/m);
    expect(await viewer.screen()).toContain(`\n${jobId} in /tmp, shells: 1, cores: 2\n`);
  },
);

const jobEnded = { kind: "ended", detail: "The session's job has ended, and the shell inside it with it." };

it.each(["never", "auto"] as const)("says that it went with its session's job (tmux: %s)", async (tmux) => {
  config().terminals.tmux = tmux;
  const jobId = await runningJob("alice");
  const sessionId = await sessionWith(jobId);
  const viewer = await ready(await create({ sessionId }));
  const left = await ready(await create({ sessionId }));
  left.type("exit 3\r");
  await expect
    .poll(left.status, { timeout: 20_000 })
    .toMatchObject({ detail: expect.stringMatching(/^The shell has ended/) });
  await slurm("alice", "scancel", jobId);
  await expect.poll(viewer.status, { timeout: 60_000 }).toEqual(jobEnded);
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
