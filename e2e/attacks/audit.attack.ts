// P7: what is on record stays on record, one line an event, and a change behind the portal's back shows.
import { execFileSync, spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { browserOf, newBrowser } from "@/e2e/attacks/from-address";
import { plantSession, userId } from "@/e2e/attacks/planted-rows";
import { inDatabase, portalLog, siteUnderTest } from "@/e2e/attacks/site";

const { data } = siteUnderTest();

/** `npm run audit`, as an operator runs it; its words and exit code. */
function audit(...more: string[]): { code: number | null; words: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["dev/run.mjs", "audit", "--data", data, ...more], {
    encoding: "utf8",
  });
  return { code: status, words: `${stdout}${stderr}` };
}

type Event = { id: string; action: string; data: Record<string, unknown> };
const eventsOf = (subject: string) =>
  inDatabase<Event>(`select id, action, data from "Event" where "subjectId" = $1 order by id`, [subject]);

/** Waits until the chain covers it, and everything before. */
const untilSealed = (id: string | undefined) =>
  expect
    .poll(async () => (await inDatabase('select 1 from "EventSeal" where "lastId" >= $1', [id])).length, {
      timeout: 60_000,
      interval: 500,
    })
    .toBeGreaterThan(0);

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
const nasty = "\r\n2026-11-22 root granted admin\u001b[2J\u001b]0;title\u0007\u2028\u202e\u0000\ud800end";

it("P7 control characters of a browser's name are on record visibly, and leave the log one line an event", async () => {
  const before = portalLog().length;
  const browser = newBrowser();
  const callback = await browser.choose(await browser.begin(), "alice");
  // What a header's value can hold of them: the C1 controls, of which U+009B begins a terminal's command.
  await browser.send(callback.href, { headers: { "user-agent": "x\u009b2Jy\u0085z" } });
  const [first] = await inDatabase<{ data: { userAgent: string | null } }>(
    `select data from "Event" where action = 'login.started' and "subjectId" = $1 order by id desc limit 1`,
    [await userId("alice")],
  );
  expect(first?.data.userAgent).toBe("x\\u009b2Jy\\u0085z");
  const lines = portalLog().slice(before).trim().split("\n").filter(Boolean);
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  expect(lines.join("")).not.toMatch(control);
});

it("P7 a token's name that would forge a line is refused, and one that only looks odd is on record as what it is", async () => {
  const browser = await browserOf("alice");
  const create = (name: string) => browser.post("/api/tokens", { name, scopes: ["sessions:read"], days: 1 });
  expect((await create(`t${nasty}`)).status).toBe(400);
  const odd = "=cmd|' /C calc'!A0 <b>";
  const answer = await create(odd);
  expect(answer.status).toBe(201);
  const [event] = await eventsOf((await answer.json()).id);
  expect(event?.data.name).toBe(odd);
});

it("P7 every act is one event: a session asked to stop a hundred times is stopped once", async () => {
  const id = await plantSession("alice");
  const browser = await browserOf("alice");
  await Promise.all(Array.from({ length: 100 }, () => browser.post(`/api/sessions/${id}/stop`, undefined)));
  const actions = (await eventsOf(id)).map(({ action }) => action);
  expect(actions.filter((action) => /stop/.test(action))).toHaveLength(1);
});

it.each([
  `update "Event" set data = '{}'`,
  `update "Event" set at = now() - interval '1 year'`,
  `delete from "Event"`,
  `truncate "Event"`,
  `truncate "Event" cascade`,
  `update "EventSeal" set hash = ''`,
  `delete from "EventSeal"`,
  `truncate "EventSeal"`,
])("P7 the database refuses: %s", async (sql) => {
  await expect(inDatabase(sql)).rejects.toThrow(/append-only/);
});

it("P7 events are in the chain soon, it verifies, and a change that the database's owner makes shows", async () => {
  const id = await plantSession("alice");
  await (await browserOf("alice")).post(`/api/sessions/${id}/ticket`, undefined);
  const [event] = await eventsOf(id);
  await untilSealed(event?.id);
  const honest = audit();
  expect([honest.code, honest.words]).toEqual([0, expect.stringContaining("The chain holds.")]);
  const head = /--expect later: (\d+:[0-9a-f]{64})/.exec(honest.words)?.[1] ?? "none";

  const change = (from: string, to: string) =>
    inDatabase(
      `begin; alter table "Event" disable trigger all; update "Event" set action = '${to}' where id = ${event?.id} and action = '${from}';
       alter table "Event" enable trigger all; commit`,
    );
  await change("session.opened", "session.viewed");
  const changed = audit();
  await change("session.viewed", "session.opened");
  expect([changed.code, changed.words]).toEqual([
    1,
    expect.stringMatching(/link \d+ \(events \d+ to \d+\) does not match/),
  ]);
  expect(audit("--expect", head).code).toBe(0);
  expect(audit("--expect", `1:${"0".repeat(64)}`)).toMatchObject({ code: 1 });
  // The log holds the links as well, wherever the site keeps it.
  expect(portalLog()).toContain(head.split(":")[1]);
});

it("P7 the clock may jump: what is on record is in the order in which it happened, and the chain holds", async () => {
  const later = await inDatabase<{ id: string }>(
    `select id from (select id, at, lead(at) over (order by id) as next from "Event") e where next < at - interval '1 minute'`,
  );
  expect(later).toEqual([]);
  // As a portal records whose clock goes back, jumps ahead and is set right: links go by id, not by time.
  const jumped = await inDatabase<{ id: string }>(
    `insert into "Event" (at, "actorKind", action, "subjectKind", "subjectId")
     select now() + jump, 'system', 'clock.tested', 'test', 'clock'
     from unnest(array['-1 day', '1 day', '0 days']::interval[]) with ordinality as jumps (jump, place) order by place returning id`,
  );
  expect(jumped).toHaveLength(3);
  await untilSealed(jumped.at(-1)?.id);
  const { code, words } = audit();
  expect([code, words]).toEqual([0, expect.stringContaining("The chain holds.")]);
});

it("P7 the audit is the operators' alone: no endpoint tells or changes it", async () => {
  const browser = await browserOf("alice");
  for (const path of ["/api/audit", "/api/events/1", "/api/admin/events", "/api/operator"]) {
    expect((await browser.send(path)).status).toBe(404);
  }
  const socket = execFileSync("stat", ["-c", "%a", `${data}/operator.sock`], { encoding: "utf8" }).trim();
  expect(socket).toBe("600");
});
