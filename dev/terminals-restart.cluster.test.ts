// Terminals on the real sshd of cluster/up when the portal, or what held their shells, was away: tmux, and without it.
import { expect, it, onTestFinished } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { inTmux, serveTerminals, useTerminals } from "@/dev/test-terminals";
import { shows } from "@/dev/test-viewer";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db } from "@/lib/db";

useDatabase();
const ground = useTerminals();
const { create, ready } = ground;

it("comes back after a restart of the portal where tmux holds it, with what runs and its lines", async () => {
  config().terminals.tmux = "auto";
  const id = await create();
  const viewer = await ready(id);
  viewer.type("seq 1 100; export KEPT=this-one; echo re''ady\r");
  await shows(viewer, /ready\n/);
  await ground.server.stop();
  ground.server = await serveTerminals(ground.server.port);
  await expect.poll(viewer.status, { timeout: 30_000 }).toMatchObject({ kind: "open" });
  await shows(viewer, /\n40\n41\n/);
  viewer.type("echo $KEPT\r");
  await shows(viewer, /\nthis-one/);
});

/** As a process of the portal leaves a terminal when it is killed: held by nobody who lives, for some time yet. */
async function leaveHeld(id: string, holderUntil: Date): Promise<void> {
  await ground.server.stop();
  await db().terminal.update({ where: { id }, data: { holder: "a-dead-process", holderUntil } });
  ground.server = await serveTerminals(ground.server.port);
}

it.each(["auto", "never"] as const)(
  "waits for what a killed portal still holds, and says so (tmux: %s)",
  async (tmux) => {
    config().terminals.tmux = tmux;
    const id = await create();
    const viewer = await ready(id);
    viewer.type("echo be''fore\r");
    await shows(viewer, /before\n/);
    await leaveHeld(id, new Date(Date.now() + 600_000));
    const waiting = {
      kind: "waiting",
      detail: expect.stringMatching(/^Another process of the portal holds this terminal/),
    };
    await expect.poll(viewer.status, { timeout: 30_000, interval: 5 }).toMatchObject(waiting);
    await db().terminal.update({ where: { id }, data: { holderUntil: new Date(0) } });
    if (tmux === "never") {
      const ended = { kind: "ended", detail: expect.stringMatching(/no tmux/) };
      return expect.poll(viewer.status, { timeout: 90_000 }).toMatchObject(ended);
    }
    // For as long as a claim lasts the other one might come back.
    await expect.poll(viewer.status, { timeout: 90_000 }).toMatchObject({ kind: "open" });
    await shows(viewer, /before\n/);
  },
);

const gone = { kind: "ended", detail: expect.stringMatching(/^The shell that tmux held is gone/) };
const elsewhere = { kind: "waiting", detail: expect.stringMatching(/^The login node that answers now has not/) };

it.each([
  ["is gone where there is one login node", 1, gone],
  ["may be on another login node where there are several", 2, elsewhere],
])("says that a shell which tmux has no more %s, and opens no other under its name", async (_what, nodes, expected) => {
  config().terminals.tmux = "auto";
  const { ssh } = cluster("hpc").config;
  const hosts = ssh?.hosts ?? [];
  expect(hosts).toHaveLength(2);
  Object.assign(ssh ?? {}, { hosts: hosts.slice(0, nodes) });
  onTestFinished(() => void Object.assign(ssh ?? {}, { hosts }));
  const id = await create();
  const viewer = await ready(id);
  await ground.server.stop();
  const { reach } = cluster("hpc");
  const { code } = await reach.run(inTmux("kill-session", "-t", `=berth-${id}`), { user: "alice" });
  expect(code).toBe(0);
  ground.server = await serveTerminals(ground.server.port);
  await expect.poll(viewer.status, { timeout: 30_000, interval: 5 }).toMatchObject(expected);
  const sessions = await reach.run(inTmux("list-sessions"), { user: "alice" });
  expect(Buffer.from(sessions.stdout).toString()).not.toContain(id);
});

it("says plainly that a shell without tmux went with the portal", async () => {
  const id = await create();
  const viewer = await ready(id);
  await ground.server.stop();
  ground.server = await serveTerminals(ground.server.port);
  const ended = { kind: "ended", detail: expect.stringMatching(/no tmux/) };
  await expect.poll(viewer.status, { timeout: 30_000 }).toMatchObject(ended);
});
