// A compute node dies with a session on it; an app never listens.
import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { processesOf, slurm } from "@/e2e/machine";
import { api as paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";
import { echo, openApp, ready, untilIn } from "./app";
import { fault, type Given } from "./fault";
import { useGround } from "./ground";
import { plan } from "./plan";
import { until } from "./until";

const ground = useGround();
/** One poll of a quiet cluster, and five seconds. */
const routeSeconds = () => (plan().waits === "default" ? 30 : 2) + 5;

/** What Slurm runs beside a job. It would tell the controller that the job's processes were killed. */
function stepsOf(jobId: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`slurmstepd: [${jobId}.`);
      } catch {
        return false; // It ended meanwhile.
      }
    })
    .map(Number);
}

/** The node's daemon and everything of the session on it, at once: the machine is gone. */
async function killNode({ cluster, inject }: Given, { id, node, jobId }: SessionView): Promise<void> {
  await cluster.kill(`slurmd-${node}`);
  for (const pid of [...stepsOf(jobId ?? ""), ...processesOf(id)]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended with its parent.
    }
  }
  inject("kill -9 slurmd and all of the session's processes");
  // A dead node is noticed after SlurmdTimeout (60 s here); in a hurry the administrator says so.
  if (plan().waits === "short") slurm(["scontrol", "update", `nodename=${node}`, "state=down", "reason=it died"]);
}

fault(
  "F17 a compute node dies: the session ends as node-failed, its route goes, its quota is released once",
  { seconds: 400, ground },
  async (given) => {
    const { api, cluster } = given;
    const alice = api("alice");
    const session = await ready(alice);
    const app = await openApp(alice, session.id);
    expect(await app.get()).toBe(200);
    slurm(["scontrol", "update", `jobid=${session.jobId}`, "requeue=0"]);
    try {
      await killNode(given, session);
      await until(
        "Slurm knows",
        150,
        () => !slurm(["squeue", "-h", "-t", "all", "-j", session.jobId ?? "", "-o", "%T"]).includes("RUNNING"),
      );
      await until("the route is gone", routeSeconds(), async () => ![200, 502].includes(await app.get()));
      const ended = await untilIn(alice, session.id, "ended", 60);
      expect(ended).toMatchObject({ endReason: "node-failed", native: { state: "NODE_FAIL" } });
      expect(ended.endDetail).toBeTruthy();
    } finally {
      await cluster.repair();
    }
  },
);

fault(
  "F17 a compute node dies and Slurm requeues: the session waits again, and starts anew",
  { seconds: 400, ground },
  async (given) => {
    const { api, cluster } = given;
    const alice = api("alice");
    const session = await ready(alice);
    try {
      await killNode(given, session);
      await untilIn(alice, session.id, "queued", 150);
      // Slurm holds a requeued job back for two minutes.
      slurm(["scontrol", "update", `jobid=${session.jobId}`, "starttime=now"]);
      const again = await untilIn(alice, session.id, "ready", 150);
      expect([again.jobId, again.startedAt === session.startedAt]).toEqual([session.jobId, false]);
      expect(await (await openApp(alice, session.id)).get()).toBe(200);
    } finally {
      await cluster.repair();
    }
  },
);

fault(
  "F19 an app never listens: its log is shown meanwhile, then it ends with the reason",
  { seconds: 240, ground },
  async ({ api, inject }) => {
    const alice = api("alice");
    const { id } = await alice.create(echo({ template: "deaf" }));
    inject("an app that never listens");
    await untilIn(alice, id, "starting", 60);
    await until("its log is shown", 20, async () => {
      const { text } = await alice.must<{ text: string }>(paths.log(id));
      return text.includes("loading for a very long time");
    });
    const ended = await untilIn(alice, id, "ended", 90);
    expect(ended.endReason).toBe("start-timeout");
    expect(ended.endDetail).toBeTruthy();
  },
);
