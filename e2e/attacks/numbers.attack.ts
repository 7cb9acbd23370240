// Numbers that are none, or not the ones they look like. Sent as the very characters of the table, since JSON.stringify
// would turn NaN into null and 1e999 into nothing.
import { expect, it } from "vitest";
import { smallFolder } from "@/e2e/api";
import { ask, create, expectRefused, post } from "@/e2e/attacks/ground";
import type { RequestPreview } from "@/lib/sessions/schema";

const who = "carol";
const MARK = '"number goes here"';
/** A request in which `field` is `literal`, character by character. */
const withNumber = (field: string, literal: string): string =>
  JSON.stringify({ ...smallFolder("hpc"), [field]: "number goes here" }).replace(MARK, literal);

const none = ["NaN", "Infinity", "-Infinity", "1e999", "0x10", "010", "+1", ".5", "1.", "1_000", "١٢", "１２", "1,5"];
const texts = ['"1"', '"UNLIMITED"', '"0x10"', '"١٢"', '"1:00:00"', '""', "true", "null", "[1]", "{}"];
const outOfRange = ["-1", "1e9", "1e21", "1e308", "9007199254740993", "-1e-9", "99999999999999999999"];
const fractions = ["1.5", "1e-9", "0.999999999"];

const whole = ["nodes", "cpus", "gpus", "minutes"];
const rows = [...whole, "memoryGiB", "scratchGiB"].map((field) => ({
  field,
  literals: [...none, ...texts, ...outOfRange, ...(whole.includes(field) ? fractions : [])],
}));

it.each(rows)("A8 refuses what is not a sensible number of $field", async ({ field, literals }) => {
  const body = (literal: string) => ({ body: withNumber(field, literal) });
  const answers = literals.map(async (literal) => ({
    literal,
    reply: await post(who, "/api/sessions/preview", body(literal)),
  }));
  for (const { literal, reply } of await Promise.all(answers)) {
    // A preview says what is wrong with a well-formed request instead of refusing it.
    if (reply.status === 200) expect(JSON.parse(reply.body).verdict.allowed, `${field}: ${literal}`).toBe(false);
    else expectRefused(reply);
  }
  expectRefused(await create(who, withNumber(field, "1e9")), field);
  expectRefused(await create(who, withNumber(field, "-1")), field);
});

it.each([
  ["nodes", "0"],
  ["nodes", "-0"],
  ["cpus", "0"],
  ["cpus", "-0"],
  ["minutes", "0"],
  ["memoryGiB", "0"],
  ["memoryGiB", "1e-9"],
  ["memoryGiB", "0.05"],
])("A8 refuses %s %s: nothing runs on nothing", async (field, literal) => {
  expectRefused(await create(who, withNumber(field, literal)), field);
});

it.each([
  ["gpus", "-0"],
  ["scratchGiB", "-0"],
  ["scratchGiB", "1e-9"],
  ["memoryGiB", "0.30000000000000004"],
  ["cpus", "1e0"],
  ["cpus", "1.0"],
])("A8 asks Slurm in whole numbers for %s %s", async (field, literal) => {
  const { status, body } = await post(who, "/api/sessions/preview", { body: withNumber(field, literal) });
  expect(status, body).toBe(200);
  // The endpoint's schema made it.
  const { command } = JSON.parse(body) as RequestPreview;
  for (const option of command.filter((one) => /^--(cpus|mem|time|nodes|gres|gpus|ntasks)/.test(one)))
    expect(option).toMatch(/^--[a-z-]+=([a-z0-9]+:)*[0-9]+[KMG]?$/);
});

const inQueries = [
  "0",
  "-1",
  "-0",
  "1e2",
  "1e9",
  "0x10",
  "1.5",
  "NaN",
  "Infinity",
  "",
  "%201",
  "+1",
  "%D9%A1",
  "%EF%BC%91",
  "1,5",
  "null",
];
it.each([
  ["limit", "/api/sessions?limit="],
  ["lines", "/api/sessions/aaaaaaaaaaaaaaaa/log?lines="],
])("A8 refuses what is not a sensible number in the query %s", async (_name, path) => {
  for (const text of inQueries) {
    const reply = await ask(who, path + text);
    expect(reply.status, `${path}${text}`).toBe(400);
    expectRefused(reply);
  }
});
