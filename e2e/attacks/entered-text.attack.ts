// Every text that a person can enter, times every text that no field may stumble over. The places come from the table of
// endpoints, so a new endpoint or field is attacked without being named here.

import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stopAll } from "@/e2e/api";
import { accepted, create, faultOfRefusal, innerWords, untilAdmitted } from "@/e2e/attacks/ground";
import { bytesOf, type HostileText, jsonBytes, percent, textsFor, wasExecuted } from "@/e2e/attacks/hostile-text";
import { plantUpload } from "@/e2e/attacks/planted-rows";
import {
  apiAs,
  cookieHeader,
  inDatabase,
  portalHost,
  portalLog,
  type Reply,
  send,
  sendRaw,
  signedIn,
  siteUnderTest,
} from "@/e2e/attacks/site";
import { type TextPlace, textPlaces } from "@/e2e/attacks/text-places";
import { bodies, bytesFor, enteredFolder, formsOf, ownHeaders, queryOf, request } from "@/e2e/attacks/well-formed";
import { asPerson } from "@/e2e/machine";
import { type Endpoint, type EndpointName, endpoints } from "@/lib/endpoints";
import type { SessionView } from "@/lib/sessions/schema";
import type { TerminalView } from "@/lib/terminals/schema";

/** A person may ask for 60 sessions and 20 tokens a minute: several share the rows, each signed in as in a browser. */
const people = ["dora", "tess", "paul", "carol", "bob"];
const logins = new Map<string, Record<string, string>>();
let session: SessionView;
let terminal: TerminalView;
let upload: string;
let logBefore = 0;

async function login(who: string): Promise<void> {
  const browser = await signedIn(who);
  logins.set(who, { cookie: cookieHeader(browser), "sec-fetch-site": "same-origin", origin: siteUnderTest().url });
}

beforeAll(async () => {
  logBefore = portalLog().length;
  await Promise.all([...people, "admin"].map(login));
  session = accepted(await create("dora", request));
  await apiAs("dora").stop(session.id);
  terminal = await apiAs("dora").must("/api/terminals", { method: "POST", body: bodies.createTerminal });
  upload = await plantUpload("dora", { isFinished: true });
  for (const who of people) asPerson(who, ["mkdir", "-p", `/home/${who}/${enteredFolder}/known`]);
});
afterAll(async () => {
  for (const who of people) {
    await stopAll(apiAs(who));
    rmSync(`/home/${who}/${enteredFolder}`, { recursive: true, force: true });
  }
});

type Attack = { place: TextPlace; hostile: HostileText };

function idIn(path: string): string {
  if (path.includes("terminals")) return terminal.id;
  return path.includes("uploads") ? upload : session.id;
}

function pathOf({ place, hostile }: Attack): string {
  const { path, params } = endpoints[place.endpoint] as Endpoint; // Of many types; only what they share is read.
  const known: Record<string, string> = { id: idIn(path), name: path.includes("templates") ? "jupyter" : "hpc" };
  const isParam = place.part === "params" && params !== undefined;
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    isParam && name === place.name ? percent(hostile.text) : (known[name] ?? ""),
  );
  const query = queryOf(place.endpoint);
  if (place.part === "query") query[place.name] = hostile.text;
  if (place.part === "unknown query") query[hostile.text] = hostile.text;
  const pairs = Object.entries(query).map(([name, value]) => `${percent(name)}=${percent(value)}`);
  return pairs.length > 0 ? `${filled}?${pairs.join("&")}` : filled;
}

/** What is sent: JSON, what is no JSON as it is, or nothing. */
function bytesSent({ place, hostile }: Attack): Buffer | undefined {
  const bytes = bytesFor[place.endpoint];
  if (bytes) return bytes;
  const body = place.body(hostile.text);
  return body === undefined ? undefined : jsonBytes(body);
}

function headersOf(who: string, { endpoint, part, name }: TextPlace): Record<string, string> {
  const json = { "content-type": "application/json", "idempotency-key": randomUUID() };
  const all = { ...logins.get(who), ...json, ...ownHeaders[endpoint] };
  const isReplaced = (header: string) => part === "header" && header === name.toLowerCase();
  return Object.fromEntries(Object.entries(all).filter(([header]) => !isReplaced(header)));
}

/** Through a bare socket: an HTTP client would refuse to send such a header. */
async function inHeader(who: string, attack: Attack): Promise<Reply> {
  const { place, hostile } = attack;
  const body = bytesSent(attack) ?? Buffer.alloc(0);
  const lines = [
    `${endpoints[place.endpoint].method} ${pathOf(attack)} HTTP/1.1`,
    `Host: ${portalHost()}`,
    "Connection: close",
    ...Object.entries(headersOf(who, place)).map(([name, value]) => `${name}: ${value}`),
    ...(body.length > 0 ? [`Content-Length: ${body.length}`] : []),
    `${place.name}: `,
  ];
  const head = Buffer.concat([Buffer.from(lines.join("\r\n")), bytesOf(hostile.text), Buffer.from("\r\n\r\n")]);
  const { text } = await sendRaw(Buffer.concat([head, body]), 20_000);
  const [answered = ""] = text.split("\r\n\r\n");
  const header = (name: string) => new RegExp(`^${name}: ([^\r\n]*)`, "im").exec(answered)?.[1];
  // Without what chunked coding puts around it.
  const content = /\{.*\}/s.exec(text)?.[0] ?? "";
  const headers = { "content-type": header("content-type"), "retry-after": header("retry-after") };
  return { status: Number(answered.slice(9, 12)), headers, body: content };
}

/** A body that is too long is refused before all of it was sent; a client that still writes may lose the answer. */
const isCutOff = (error: unknown): boolean => error instanceof Error && /EPIPE|ECONNRESET/.test(error.message);

/** A cluster that was too slow has said nothing of the text: it is asked once more. */
async function unlessSlow(ask: () => Promise<Reply>): Promise<Reply> {
  const reply = await ask();
  return reply.status === 504 ? ask() : reply;
}

function deliver(who: string, attack: Attack): Promise<Reply> {
  const { place } = attack;
  if (place.part === "header") return untilAdmitted(() => unlessSlow(() => inHeader(who, attack)));
  const { method } = endpoints[place.endpoint];
  const body = bytesSent(attack);
  const ask = () => send(pathOf(attack), { method, headers: headersOf(who, place), ...(body && { body }) });
  const whole = () => ask().catch((error: unknown) => (isCutOff(error) ? ask() : Promise.reject(error)));
  return untilAdmitted(() => unlessSlow(whole));
}

/** Refused before there is a request to any endpoint: by Node what is no header, by the front door what is no path. */
const refusedAtTheDoor = ({ place }: Attack, { status, body }: Reply): boolean =>
  status === 400 &&
  (place.part === "header" || (place.part === "params" && body === "This path is not well formed.\n"));

const holds = (value: unknown, text: string): boolean =>
  typeof value === "object" && value !== null
    ? Object.entries(value).some(([name, inner]) => name === text || holds(inner, text))
    : value === text.trim() || value === text;

/** Where the text of a body is kept. */
const tables: Partial<Record<EndpointName, string>> = {
  createSession: "Session",
  createTerminal: "Terminal",
  renameTerminal: "Terminal",
  createToken: "Token",
};

/** Some things are kept and not answered: then the row must have the text, byte for byte. */
async function isKept({ place, hostile }: Attack, { body }: Reply): Promise<boolean> {
  const answer = JSON.parse(body);
  if (place.part === "header" || holds(answer, hostile.text)) return true;
  const row = await inDatabase(`SELECT to_jsonb(t) FROM "${tables[place.endpoint]}" t WHERE id = $1`, [answer.id]);
  return holds(row, hostile.text);
}

/** Files are also refused in these words of HTTP: what is not one's own, exists, lacks a condition, or has no such range. */
const ofFiles = [403, 409, 412, 416];

/** What is wrong with a refusal. HEAD has a status and no words. */
function faultInRefusal({ endpoint }: TextPlace, reply: Reply): string | null {
  const { method, path } = endpoints[endpoint];
  const isOfFiles = /^\/api\/(files|uploads)/.test(path) && ofFiles.includes(reply.status);
  if (method === "HEAD") return isOfFiles || [400, 404].includes(reply.status) ? null : `not refused: ${reply.status}`;
  return isOfFiles ? innerWords(reply) : faultOfRefusal(reply);
}

/** What is wrong with the answer: it is neither a refusal nor an acceptance that leaves the text as it is. */
async function faultOf(attack: Attack, reply: Reply): Promise<string | null> {
  const { part, endpoint } = attack.place;
  const isStored = part === "body" && tables[endpoint] !== undefined;
  const isUnknown = part === "unknown query" || part === "unknown field";
  if (refusedAtTheDoor(attack, reply)) return null;
  if ([200, 204, 206, 304].includes(reply.status) && !isUnknown && !isStored) return null;
  if (reply.status !== 200 && reply.status !== 201) return faultInRefusal(attack.place, reply);
  return (await isKept(attack, reply)) ? null : `changed: ${reply.body}`;
}

/** A session that was accepted would count against the limit; Slurm has its job by now. */
async function undo(who: string, { place }: Attack, { body }: Reply): Promise<void> {
  const { id } = JSON.parse(body);
  if (place.endpoint === "createSession") await apiAs(who).stop(id);
  if (place.endpoint === "createToken") await apiAs(who).must(`/api/tokens/${id}`, { method: "DELETE" });
  if (place.endpoint === "createTerminal") await apiAs(who).must(`/api/terminals/${id}/end`, { method: "POST" });
}

async function attackWith(who: string, attack: Attack): Promise<string[]> {
  const reply = await deliver(who, attack);
  if (reply.status === 201) await undo(who, attack, reply);
  const fault = await faultOf(attack, reply);
  return fault ? [`${attack.hostile.kind}: ${fault}`] : [];
}

const nameOf = ({ endpoint, part, name }: TextPlace) => `${endpoint}, ${part}${name && ` ${name}`}`;
const ofStaff = ["admin:write", "metrics:read"];
/** What only administrators may do, everybody else is denied before a text is looked at. */
function attacker({ endpoint }: TextPlace, index: number): string {
  const { scope, path } = endpoints[endpoint];
  if (ofStaff.includes(scope ?? "")) return "admin";
  // Whose the session and the terminal are: to everybody else they would not exist.
  return path.includes("{id}") ? "dora" : (people[index % people.length] ?? "");
}
const places = textPlaces.filter(({ endpoint, part }) => !(part === "unknown field" && bytesFor[endpoint]));
const rows = places.map((place, index) => ({
  place,
  who: attacker(place, index),
  row: nameOf(place),
}));
const isInHead = ({ part }: TextPlace) => part !== "body" && part !== "unknown field";

// In this order: the last row is about all before it.
describe("every place", { shuffle: false }, () => {
  it.each(rows)("A1 A2 E10 takes hostile text as text or refuses it: $row", async ({ place, who }) => {
    const texts = textsFor({ ...place, isInHead: isInHead(place) });
    const faults = await Promise.all(texts.map((hostile) => attackWith(who, { place, hostile })));
    expect(faults.flat()).toEqual([]);
  });

  it("A1 nothing was executed, and nothing failed inside the portal", () => {
    expect(wasExecuted()).toBe(false);
    expect(portalLog().slice(logBefore)).not.toMatch(/request\.failed|uncaught|unhandled/i);
  });
});

it("A1 attacks every endpoint, and every body and query in a form that is otherwise well formed", () => {
  expect([...new Set(places.map(({ endpoint }) => endpoint))]).toEqual(Object.keys(endpoints));
  const withBody = Object.entries(endpoints).filter(([, endpoint]) => "body" in endpoint);
  const malformed = withBody.filter(([name, endpoint]) => {
    const { body } = endpoint as Endpoint; // Of many types; only what they share is read.
    return !formsOf(name as EndpointName).every((form) => body?.safeParse(form).success); // One of the table's own names.
  });
  expect(malformed.map(([name]) => name)).toEqual([]);
  const ofBytes = Object.entries(endpoints).filter(([, endpoint]) => "bodyMedia" in endpoint);
  expect(Object.keys(bytesFor).toSorted()).toEqual(ofBytes.map(([name]) => name).toSorted());
  // As above.
  const withQuery = Object.entries(endpoints).filter(([, endpoint]) => "query" in endpoint) as [
    EndpointName,
    Endpoint,
  ][];
  const wrong = withQuery.filter(([name, { query }]) => !query?.safeParse(queryOf(name)).success);
  expect(wrong.map(([name]) => name)).toEqual([]);
});

it("A1 puts each text where the endpoint has a field: no place is refused for fields that do not belong there", () => {
  const inBodies = textPlaces.filter(({ part }) => part === "body");
  expect(inBodies.map(({ name }) => name)).toContain("rename.name");
  const misplaced = inBodies.filter(({ endpoint, body }) => {
    const { body: schema } = endpoints[endpoint] as Endpoint; // Of many types; only what they share is read.
    return JSON.stringify(schema?.safeParse(body("abc")).error?.issues ?? "").includes("unrecognized_keys");
  });
  expect(misplaced.map(nameOf)).toEqual([]);
});

it("A1 a megabyte in a request's head is refused before any route sees it", async () => {
  const { text } = await sendRaw(`GET /api/me?${"x".repeat(2 ** 20)} HTTP/1.1\r\nHost: ${portalHost()}\r\n\r\n`);
  expect(text).not.toMatch(/^HTTP\/1\.1 [235]/);
});
