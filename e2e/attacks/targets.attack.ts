// Where the gateway connects to: the node that the scheduler names, the port of the job's own record, nothing else that
// anybody can write anywhere. One's own server behind another's door stays closed.
import { execFileSync } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stopAll, untilState } from "@/e2e/api";
import { forgedSecret, type HostileApp, hostile, hostileApp } from "@/e2e/attacks/hostile-app";
import { apiAs, inDatabase, sendRawTo } from "@/e2e/attacks/site";
import { slurm } from "@/e2e/machine";
import type { SessionView } from "@/lib/sessions/schema";

let alice: HostileApp;
let bob: HostileApp;
type Bystander = { port: number; greeted: { address: string; said: string }[]; server: Server };
let bystander: Bystander;
/** Another one for records that are forged: the portal may knock at any port of the job's own node, and does for a while. */
let neighbour: Bystander;

type Target = { nodeAddress: string; port: number; directory: string };

async function targetOf(id: string): Promise<Target> {
  const sql = 'select "nodeAddress", port, directory from "Session" where id = $1';
  const [row] = await inDatabase<Target>(sql, [id]);
  if (!row) throw new Error(`There is no session ${id}.`);
  return row;
}

/** Where a cluster has its own daemons, and ports that a person's app cannot have. */
const daemonPorts = [22, 80, 1023, 2049, 3306, 5432, 6817, 6818, 6819, 6820];
/** What listens there on the nodes, where nothing else does: whoever connects is noticed. */
let daemons: Bystander[] = [];
const greetedDaemons = () => daemons.flatMap(({ port, greeted }) => greeted.map(() => port));

/** Somebody's other server, by default on every address of this machine, nodes included: notes who comes and what they say. */
async function startBystander(at: { host: string; port: number } = { host: "::", port: 0 }): Promise<Bystander> {
  const greeted: Bystander["greeted"] = [];
  const server = createServer((socket: Socket) => {
    const entry = { address: socket.localAddress ?? "", said: "" };
    greeted.push(entry);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      entry.said += data.toString("latin1");
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
  });
  await new Promise<void>((done, fail) => server.once("error", fail).listen(at, done));
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as { port: number };
  return { port, greeted, server };
}

beforeAll(async () => {
  [alice, bob] = await Promise.all([hostileApp("alice", "Targets"), hostileApp("bob")]);
  [bystander, neighbour] = await Promise.all([startBystander(), startBystander()]);
  const nodes = [...new Set(slurm(["sinfo", "-h", "-N", "-o", "%o"]))];
  const places = nodes.flatMap((host) => daemonPorts.map((port) => ({ host, port })));
  const started = await Promise.allSettled(places.map(startBystander));
  daemons = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
});
afterAll(async () => {
  for (const { server } of [bystander, neighbour, ...daemons]) server.close();
  // Whatever became of the rows.
  await stopAll(apiAs("carol"));
});

const urls = [
  "/proxy/127.0.0.1:22/",
  "/proxy/22/",
  "/http://169.254.169.254/latest/meta-data/",
  "/?target=127.0.0.1:5432&host=127.0.0.1&port=22&node=127.0.0.1",
  "/@127.0.0.1:22/",
  "/.berth/connect?node=127.0.0.1&port=22",
];

it.each(urls)("D4 nothing in a URL names a target: %s", async (path) => {
  const { status, body } = await alice.ask(path, { headers: { "x-berth-target": "127.0.0.1:22" } });
  expect([200, 404]).toContain(status);
  expect(body).not.toMatch(/SSH-2\.0|ami-id/);
  if (status === 200) expect(JSON.parse(body).head).toContain(`GET ${path} HTTP/1.1`);
});

/** Has the gateway forget what it knew of the session, as any change of it does. */
async function setTarget(id: string, { nodeAddress, port }: Pick<Target, "nodeAddress" | "port">): Promise<void> {
  const sql = 'update "Session" set "nodeAddress" = $2, port = $3 where id = $1 returning "ownerId"';
  const [row] = await inDatabase<{ ownerId: string }>(sql, [id, nodeAddress, port]);
  const change = JSON.stringify({ kind: "session", id, ownerId: row?.ownerId });
  await inDatabase("select pg_notify('berth_changes', $1)", [change]);
}

async function expectRefusedTarget(wrong: (right: Target) => Pick<Target, "nodeAddress" | "port">): Promise<void> {
  const right = await targetOf(alice.id);
  const before = [bystander.greeted.length, ...greetedDaemons()];
  await setTarget(alice.id, wrong(right));
  try {
    await expect.poll(async () => (await alice.ask("/d4")).status, { timeout: 10_000, interval: 100 }).toBe(502);
    expect([bystander.greeted.length, ...greetedDaemons()]).toEqual(before);
  } finally {
    await setTarget(alice.id, right);
    await expect.poll(async () => (await alice.ask("/d4")).status, { timeout: 10_000, interval: 100 }).toBe(200);
  }
}

it.each([
  "127.0.0.1",
  "::1",
  "::ffff:127.0.0.1",
  "169.254.169.254",
  "localhost",
  "portal.berth.localhost",
  "2130706433",
  "0177.0.0.1",
  "0x7f.1",
  "127.1",
  "0.0.0.0",
  "10.0.0.1",
  "127.0.0.1%lo",
])("D4 a node address of %s, wherever it came from, is not connected to", (nodeAddress) =>
  expectRefusedTarget(() => ({ nodeAddress, port: bystander.port })),
);

it("D4 something listens on the ports that are not connected to, so that a connection would be seen", () => {
  // Most of them, on a machine that has daemons of its own.
  expect(new Set(daemons.map(({ port }) => port)).size).toBeGreaterThan(daemonPorts.length / 2);
});

it.each([...daemonPorts, -1, 70_000])("D4 port %i of the right node is not connected to", (port) =>
  expectRefusedTarget(({ nodeAddress }) => ({ nodeAddress, port })),
);

const record = (more: object) =>
  JSON.stringify({ start: "00000000deadbeef", job: "JOB", secret: forgedSecret, ...more });

/** What a job can write over its own connection file, and what the portal must not make of it. */
const forged: [name: string, text: () => Promise<string> | string][] = [
  ["port 22", () => record({ port: 22 })],
  ["a port of a daemon", () => record({ port: 5432 })],
  ["another node", () => record({ port: neighbour.port, node: "127.0.0.1", nodeAddress: "127.0.0.1", host: "::1" })],
  ["bob's own door", async () => record({ port: (await targetOf(bob.id)).port })],
];

it("D5 a job that forges its connection record is led to nobody else's server", async () => {
  const api = apiAs("carol");
  const made: SessionView[] = [];
  for (const [name, text] of forged) {
    made.push(await api.create(hostile({ name: `Forged: ${name}`, parameters: { record: await text() } })));
  }
  const before = bob.seen("");
  const knocked = greetedDaemons();
  const begun = async () => Promise.all(made.map(async ({ id }) => (await api.session(id)).state));
  await expect.poll(begun, { timeout: 60_000 }).not.toContain("queued");
  // The portal looks at starting sessions together: once these later ones are ready it has looked at the forged ones, too.
  for (const name of ["Control 1", "Control 2"]) {
    const control = await api.create(hostile({ name }));
    await untilState(api, control.id, "ready");
    await api.stop(control.id);
  }
  const heard = () => neighbour.greeted.map(({ said }) => said).join();
  await expect.poll(heard, { timeout: 20_000 }).toMatch(/BERTH-DOOR [0-9a-f]{32}\n/);
  // Who stands there and is no door learns that somebody came, and nothing else.
  expect(heard()).not.toContain(forgedSecret);
  expect(heard()).not.toMatch(/HTTP\/1/);
  expect(greetedDaemons()).toEqual(knocked);
  const foreign = [22, 5432, neighbour.port, (await targetOf(bob.id)).port];
  for (const { id, name } of made) {
    const { state } = await api.session(id);
    const { nodeAddress, port } = await targetOf(id);
    // Between the job's own record and the forged one over it the portal may have read the true one: then it is its own app.
    if (state === "ready") expect(`${name}: ${foreign.includes(port)}`).toBe(`${name}: false`);
    else expect(`${name}: ${state}`).toBe(`${name}: starting`);
    // Slurm's word for the node, not the record's.
    if (nodeAddress !== null) expect(nodeAddress).toMatch(/^127\.31\./);
  }
  expect(neighbour.greeted.map(({ address }) => address).filter((address) => !address.includes("127.31."))).toEqual([]);
  expect((await bob.seen("")).length).toBe((await before).length);
});

it("D5 a job that rewrites its record once it is ready changes nothing", async () => {
  const { directory } = await targetOf(alice.id);
  const file = `${directory.replace(/^~/, "/home/alice")}/connection`;
  const { port } = await targetOf(bob.id);
  const script = `printf '%s' "$1" > "$2"`;
  execFileSync("runuser", ["-u", "alice", "--", "/bin/sh", "-c", script, "sh", record({ port }), file]);
  const seenByBob = (await bob.seen("/d5-")).length;
  for (const path of ["/d5-once", "/d5-again"]) expect((await alice.ask(path)).status).toBe(200);
  expect(await alice.seen("/d5-again")).toHaveLength(1);
  expect(await bob.seen("/d5-")).toHaveLength(seenByBob);
});

it("D5 whoever knows node and port of another's app is stopped at its door", async () => {
  const { nodeAddress: host, port } = await targetOf(alice.id);
  const asks = "GET /d5-door HTTP/1.1\r\nHost: x\r\n\r\n";
  const guess = `BERTH-DOOR ${"0".repeat(32)}\n${"0".repeat(64)}\n`;
  const greetings = [
    "",
    "BERTH-DOOR \n",
    `BERTH-DOOR ${forgedSecret}\n`,
    `BERTH-DOOR ${"0".repeat(5000)}\n`,
    "\n",
    guess,
  ];
  for (const greeting of greetings) {
    const { text, isClosed } = await sendRawTo({ host, port }, greeting + asks);
    expect(text.replace(/^[0-9a-f]{32} [0-9a-f]{64}\n/, "")).toMatch(/^(HTTP\/1\.1 403 |$)/);
    expect(isClosed).toBe(true);
  }
  expect(await alice.seen("d5-door")).toEqual([]);
});
