// Terminals on the real sshd of cluster/up: typing, coming back, floods, several viewers, and who may.
import { expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { pageSocket, socketUrl, useTerminals } from "@/dev/test-terminals";
import { isOpen, shows } from "@/dev/test-viewer";
import { disableUser, enableUser } from "@/lib/auth/disable-user";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { endTerminal, listTerminals } from "@/lib/terminals/change-terminal";
import { createTerminal } from "@/lib/terminals/create-terminal";
import { issueTerminalTicket } from "@/lib/terminals/tickets";

useDatabase();
const ground = useTerminals();
const { create, look, ready } = ground;

it("opens a login shell as the person, at the viewer's size, and types what is typed", async () => {
  const viewer = await ready(await create(), { cols: 101, rows: 31 });
  viewer.type("id -un; stty size; tty; echo $TERM\r");
  await shows(viewer, /alice\n31 101\n\/dev\/pts\/\d+\nxterm-256color/);
});

it.each(["never", "auto"] as const)("says to programs that it has all colours (tmux: %s)", async (tmux) => {
  config().terminals.tmux = tmux;
  const viewer = await ready(await create({ folder: "/tmp" }));
  viewer.type('echo "colours:$COLORTERM:"\r');
  await shows(viewer, /^colours:truecolor:$/m);
});

it("starts in the folder that was asked for, whatever its name holds", async () => {
  const name = `/tmp/berth term '"$x\`é ${process.pid}`;
  const { reach } = cluster("hpc");
  await reach.run(["mkdir", "-p", name], { user: "alice" });
  const viewer = await ready(await create({ folder: name }));
  viewer.type("pwd\r");
  // The shell's own prompt spells the name in its own way; pwd does not.
  await shows(viewer, /\n\/tmp\/berth term '"\$x`é \d+\n/);
  await reach.run(["rmdir", name], { user: "alice" });
});

it("gives its certificate no right to forward", async () => {
  const viewer = await ready(await create());
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours.
  viewer.type("echo ${SSH_AUTH_SOCK:-none}\r");
  await shows(viewer, /\nnone\n/);
});

it("shows every byte once, and types every key once, however often the connection drops", async () => {
  const viewer = await ready(await create());
  viewer.type("for i in $(seq 1 400); do echo line-$i; sleep 0.01; done; echo do''ne\r");
  await shows(viewer, /line-20\n/);
  const redraws = viewer.redraws();
  for (let times = 0; times < 4; times += 1) {
    viewer.drop();
    viewer.type(`# key-${times}\r`);
    await isOpen(viewer);
    await shows(viewer, new RegExp(`line-${80 * (times + 1)}\\n`));
  }
  await shows(viewer, /done\n/);
  const lines =
    viewer
      .output()
      .match(/line-\d+/g)
      ?.filter((line) => line !== "line-$i") ?? [];
  expect(new Set(lines).size).toBe(400);
  expect(lines.filter((line, at) => lines.indexOf(line) !== at)).toEqual([]);
  expect(viewer.redraws()).toBe(redraws);
  for (let times = 0; times < 4; times += 1) {
    // Echoed by the terminal as it was typed, and once more by the shell's prompt when it read the line.
    expect((await viewer.screen()).split(`# key-${times}`).length - 1).toBeLessThanOrEqual(2);
  }
});

it("is the same terminal on another device, with its screen and what is above", async () => {
  const id = await create();
  const desk = await ready(id);
  desk.type("seq 1 300; echo la''st\r");
  await shows(desk, /last\n/);
  const phone = look(id, { cols: 40, rows: 20 });
  await isOpen(phone);
  await shows(phone, /\n1\n2\n3\n[\s\S]*\n300\nlast\n/);
  phone.type("echo from-pho''ne\r");
  await shows(desk, /from-phone/);
});

it("has the shell and every screen at the size of the device that is typed on, and of the one that stays", async () => {
  const id = await create();
  const desk = await ready(id, { cols: 120, rows: 40 });
  const phone = await ready(id, { cols: 40, rows: 20 });
  await expect.poll(desk.size).toBe("40x20");
  desk.type("stty size\r");
  await shows(desk, /^40 120$/m);
  expect([desk.size(), phone.size()]).toEqual(["120x40", "120x40"]);
  phone.type("stty size\r");
  await shows(phone, /^20 40$/m);
  desk.drop();
  await expect.poll(() => desk.status().kind, { interval: 5 }).not.toBe("open");
  await isOpen(desk);
  await expect.poll(() => [desk.size(), phone.size()]).toEqual(["120x40", "120x40"]);
  phone.type("echo on-the-pho''ne\r");
  await shows(desk, /on-the-phone/);
  phone.close();
  await expect.poll(desk.size).toBe("120x40");
});

it("draws a full-screen program for somebody who comes later", async () => {
  const id = await create();
  const first = await ready(id);
  first.type("printf '\\033[?1049h\\033[2J\\033[5;10Hin the middle'; read x\r");
  await shows(first, /in the middle/);
  first.close();
  const second = look(id);
  await isOpen(second);
  await shows(second, /^\n{4} {9}in the middle/);
});

it("ends a flood within moments of Ctrl-C and holds a bounded part of it", async () => {
  const viewer = await ready(await create());
  viewer.type("yes the same line again and again\r");
  await expect.poll(() => viewer.received(), { timeout: 20_000 }).toBeGreaterThan(8_000_000);
  const before = viewer.received();
  viewer.type("\x03");
  await expect.poll(() => viewer.output(), { timeout: 20_000, interval: 5 }).toMatch(/\^C[\s\S]*\$ $/);
  // What was on its way: the windows of SSH and of the viewer, both known.
  expect(viewer.received() - before).toBeLessThan(1_500_000);
  viewer.type("echo cal''m\r");
  await shows(viewer, /calm\n/);
});

it("makes a slow viewer wait for itself only", async () => {
  const id = await create();
  const quick = await ready(id);
  const slow = look(id);
  await isOpen(slow);
  slow.stall();
  quick.type("head -c 6000000 /dev/zero | tr '\\0' x | fold -w 79; echo; echo thro''ugh\r");
  await shows(quick, /through/);
  expect(slow.received()).toBeLessThan(1_000_000);
});

it("ends with its shell, and says how", async () => {
  const id = await create();
  const viewer = await ready(id);
  viewer.type("exit 3\r");
  await expect.poll(viewer.status).toEqual({ kind: "ended", detail: "The shell has ended with exit code 3." });
  const [row] = (await listTerminals(ground.alice.actor)).items.filter((item) => item.id === id);
  expect(row).toMatchObject({ state: "ended", endDetail: "The shell has ended with exit code 3." });
});

it("ends when it is told to, and hangs up what ran in it", async () => {
  const id = await create();
  const viewer = await ready(id);
  viewer.type("sleep 98765\r");
  const { reach } = cluster("hpc");
  const running = async () =>
    (await reach.run(["pgrep", "-u", "alice", "-f", "sleep 98765"], { user: "alice" })).code === 0;
  await expect.poll(running).toBe(true);
  await endTerminal(ground.alice.actor, id);
  await expect.poll(viewer.status).toMatchObject({ kind: "ended" });
  await expect.poll(running).toBe(false);
});

it.each(["never", "auto"] as const)("ends with the account of its person (tmux: %s)", async (tmux) => {
  config().terminals.tmux = tmux;
  const carol = await signInPerson("carol");
  const { id } = await createTerminal(carol.actor, { cluster: "hpc" });
  const viewer = look(id, undefined, carol);
  await isOpen(viewer);
  await shows(viewer, /\$ *$/);
  viewer.type("sleep 87654\r");
  const { reach } = cluster("hpc");
  const running = async () =>
    (await reach.run(["pgrep", "-u", "carol", "-f", "sleep 87654"], { user: "carol" })).code === 0;
  await expect.poll(running).toBe(true);
  await disableUser({ kind: "system" }, carol.actor.userId);
  await expect.poll(running, { timeout: 10_000 }).toBe(false);
  await expect.poll(viewer.status).not.toMatchObject({ kind: "open" });
  expect(await db().terminal.findUnique({ where: { id } })).toMatchObject({ endDetail: "Your account was disabled." });
  await enableUser({ kind: "system" }, carol.actor.userId);
});

async function refused(url: string, { cookie = ground.alice.cookie, origin = config().url } = {}): Promise<boolean> {
  const socket = pageSocket(url, cookie, origin);
  return new Promise((resolve) => {
    socket.onopen = () => resolve(false);
    socket.onerror = () => resolve(true);
  });
}

it.each([
  ["another site", "http://evil.example"],
  ["an app of a session", "http://abcdefghijklmnop.apps.localhost:3000"],
  ["a page without origin", "null"],
  ["another port of the same host", "http://localhost:1"],
])("C1 refuses a socket from %s", async (_who, origin) => {
  const id = await create();
  expect(await refused(socketUrl(ground.server.port, id), { origin })).toBe(true);
});

it("C1 refuses a socket without a login", async () => {
  expect(await refused(socketUrl(ground.server.port, await create()), { cookie: "" })).toBe(true);
});

/** The close code of a socket whose first message is this. */
async function closeCode(id: string, ticket: string, person = ground.alice): Promise<number> {
  const socket = pageSocket(socketUrl(ground.server.port, id), person.cookie);
  return new Promise((resolve) => {
    const message = { type: "attach", ticket, viewer: "0".repeat(32), after: null, epoch: null, cols: 80, rows: 24 };
    socket.onopen = () => socket.send(JSON.stringify(message));
    socket.onclose = ({ code }) => resolve(code);
    socket.onmessage = () => resolve(0);
  });
}

it("C2 takes a ticket once", async () => {
  const id = await create();
  const { ticket } = await issueTerminalTicket(ground.alice.actor, id);
  expect(await closeCode(id, ticket)).toBe(0);
  expect(await closeCode(id, ticket)).toBe(4404);
});

it("C2 takes no ticket of another terminal, and none that is too old", async () => {
  const [one, other] = [await create(), await create()];
  const { ticket } = await issueTerminalTicket(ground.alice.actor, one);
  expect(await closeCode(other, ticket)).toBe(4404);
  const late = await issueTerminalTicket(ground.alice.actor, one);
  await db().terminalTicket.updateMany({ data: { expiresAt: new Date(0) } });
  expect(await closeCode(one, late.ticket)).toBe(4404);
});

it("C9 is nobody else's, also with the right id", async () => {
  const bob = await signInPerson("bob");
  const id = await create();
  await expect(issueTerminalTicket(bob.actor, id)).rejects.toMatchObject({ code: "not_found" });
  const { ticket } = await issueTerminalTicket(ground.alice.actor, id);
  expect(await closeCode(id, ticket, bob)).toBe(4404);
});
