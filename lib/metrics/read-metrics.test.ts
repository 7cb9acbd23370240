import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET } from "@/app/api/metrics/route";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { bearerOf, signInPerson, type TestPerson } from "@/dev/test-people";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { admitPerson } from "@/lib/auth/start-login";
import { measured } from "@/lib/clusters/measured-scheduler";
import { writeSnapshot } from "@/lib/clusters/store";
import { clusterConfig, config } from "@/lib/config";
import { db } from "@/lib/db";
import { limitRate } from "@/lib/http/rate-limit";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { createSession } from "@/lib/sessions/create-session";
import { stopSession } from "@/lib/sessions/stop-session";

useDatabase();
const { scheduler } = useFakeCluster();
let people: Record<"alice" | "olga" | "ada", TestPerson>;

beforeAll(async () => {
  people = { alice: await signInPerson("alice"), olga: await signInPerson("olga"), ada: await signInPerson("ada") };
  await db().user.update({ where: { id: people.olga.actor.userId }, data: { roles: ["operator"] } });
  await db().user.update({ where: { id: people.ada.actor.userId }, data: { roles: ["admin"] } });
  forgetOnce("auth.known");
});
beforeEach(() => forgetOnce("metrics"));

const ask = async (authorization: string): Promise<Response> =>
  GET(new Request("http://localhost:3000/api/metrics", { headers: { authorization } }), {
    params: Promise.resolve({}),
  });

/** The metrics as an operator reads them: name and labels to value. */
async function read(): Promise<Map<string, number>> {
  const text = await (await ask(await bearerOf(people.olga, ["tokens:write", "metrics:read"]))).text();
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ""), Number(line.split(" ").at(-1))]));
}

describe("GET /api/metrics", () => {
  it("is for operators and administrators, with a token that may read metrics", async () => {
    for (const staff of [people.olga, people.ada]) {
      const answer = await ask(await bearerOf(staff, ["metrics:read"]));
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
      expect((await ask(await bearerOf(staff, ["sessions:read"]))).status).toBe(403);
    }
    const refused = await ask(await bearerOf(people.alice));
    expect(refused.status).toBe(403);
    expect(await refused.text()).not.toContain("berth_");
    expect((await ask("Bearer berth_wrong")).status).toBe(401);
  });

  it("counts requests by route and status, with what was refused for being too many", async () => {
    await ask(await bearerOf(people.alice));
    await limitRate("GET /api/things", "x", 1);
    await expect(limitRate("GET /api/things", "x", 1)).rejects.toMatchObject({ code: "too_many" });
    const found = await read();
    expect(found.get('berth_requests_total{route="/api/metrics",method="GET",status="403"}')).toBe(1);
    expect(found.get('berth_request_seconds_count{route="/api/metrics"}')).toBe(1);
    expect(found.get('berth_rate_limited_total{route="GET /api/things"}')).toBe(1);
  });

  it("counts sign-ins and says why some were refused", async () => {
    await signInPerson("alice");
    const claims = { iss: config().signIn.issuer, sub: "mallory", name: "m", preferred_username: "mallory" };
    await admitPerson(claims);
    await db().user.updateMany({ where: { subject: "mallory" }, data: { disabledAt: new Date() } });
    await admitPerson(claims);
    const found = await read();
    expect(found.get('berth_logins_total{outcome="started"}')).toBe(1);
    expect(found.get('berth_logins_total{outcome="disabled"}')).toBe(1);
  });

  it("follows a session: submitted, in a state, ended for a reason", async () => {
    const actor = await person("bea");
    const { id } = await createSession(actor, request(), "counted");
    const queued = await read();
    expect(queued.get('berth_submits_total{cluster="hpc",outcome="accepted"}')).toBe(1);
    expect(queued.get('berth_sessions{cluster="hpc",state="queued"}')).toBe(1);
    expect(queued.get('berth_sessions{cluster="hpc",state="ready"}')).toBe(0);
    await stopSession(actor, id);
    const memory = newMemory();
    const ended = async () => {
      await tick("hpc", memory);
      return (await read()).get('berth_sessions_ended_total{cluster="hpc",reason="stopped"}');
    };
    await expect.poll(ended, { timeout: 30_000 }).toBe(1);
  });

  it("counts and times questions to a scheduler, the failed ones too", async () => {
    const asked = measured(scheduler, "hpc");
    await asked.facts();
    await expect(asked.control("alice", "none", { kind: "hold" })).rejects.toThrow();
    const found = await read();
    expect(found.get('berth_scheduler_questions_total{cluster="hpc",question="facts",outcome="ok"}')).toBe(1);
    expect(found.get('berth_scheduler_question_seconds_count{cluster="hpc",question="control"}')).toBe(1);
  });

  it("says since when a cluster's last answer is", async () => {
    await writeSnapshot(db(), clusterConfig("hpc").name, { answeredAt: new Date(Date.now() - 90_000) });
    forgetOnce("cluster-snapshots");
    expect((await read()).get('berth_reconciler_answer_age_seconds{cluster="hpc"}')).toBeGreaterThanOrEqual(90);
  });

  it("names nobody", async () => {
    const text = await (await ask(await bearerOf(people.olga))).text();
    for (const { actor, subject } of Object.values(people)) {
      for (const word of [actor.userId, actor.via, `"${subject}"`]) expect(text).not.toContain(word);
    }
  });
});
