// Uploads through the built server: of somebody else, at offsets that are none, to places that are not one's own.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, faultOfRefusal } from "@/e2e/attacks/ground";
import { bytesOf, percent, shellName, textsFor, wasExecuted } from "@/e2e/attacks/hostile-text";
import type { Reply } from "@/e2e/attacks/site";
import { asPerson } from "@/e2e/machine";
import { archiveForm } from "@/lib/files/schema";
import { tarEnd, tarHeader } from "@/lib/files/tar/rules";
import { uploadWish } from "@/lib/files/tus";
import { api as paths } from "@/lib/paths";

const mark = `attacked-${randomBytes(6).toString("hex")}`;
const folder = `/home/alice/${mark}`;
const bobs = `/home/bob/${mark}`;

/** As alice, in her folder. */
const sh = (script: string) => asPerson("alice", ["sh", "-c", `cd "$0" && ${script}`, folder]);

beforeAll(() => {
  asPerson("alice", ["mkdir", "-p", folder]);
  asPerson("bob", ["mkdir", "-p", bobs]);
  sh(`ln -s ${bobs} bobs; ln -s / top; mkdir .ssh`);
});
afterAll(() => {
  for (const directory of [folder, bobs]) rmSync(directory, { recursive: true, force: true });
});

const tus = { "tus-resumable": "1.0.0" };
const piece = { ...tus, "content-type": "application/offset+octet-stream" };
const metadata = (values: Record<string, string>) =>
  Object.entries({ cluster: "hpc", folder, ...values })
    .map(([key, value]) => `${key} ${bytesOf(value).toString("base64")}`)
    .join();

async function begun(name: string, size: number): Promise<string> {
  const headers = { ...tus, "upload-length": String(size), "upload-metadata": metadata({ name }) };
  const { status, headers: answered, body } = await ask("alice", paths.uploads(), { method: "POST", headers });
  expect(status, body).toBe(201);
  return answered.location?.split("/").at(-1) ?? "";
}

const write = (id: string, offset: string, bytes: string, who = "alice"): Promise<Reply> =>
  ask(who, paths.upload(id), { method: "PATCH", headers: { ...piece, "upload-offset": offset }, body: bytes });
const lengthOf = async (id: string) =>
  (await ask("alice", paths.upload(id), { method: "HEAD", headers: tus })).headers["upload-offset"];

it("B8 E4 an upload of somebody else is as one that never was, whatever is asked of it", async () => {
  const id = await begun("hers", 10);
  const never = "f".repeat(32);
  const json = { "content-type": "application/json" };
  const ways: ((which: string) => Promise<Reply>)[] = [
    (which) => ask("bob", paths.upload(which), { method: "HEAD", headers: tus }),
    (which) => write(which, "0", "0123456789", "bob"),
    (which) => ask("bob", paths.upload(which), { method: "DELETE", headers: tus }),
    (which) => ask("bob", paths.finishUpload(which), { method: "POST", headers: json, body: '{"overwrite":true}' }),
  ];
  const said = ({ status, body }: Reply) => [status, body.replace(/"requestId":"[^"]*"/, "")];
  for (const way of ways) {
    const theirs = said(await way(id));
    expect(theirs[0]).toBe(404);
    expect(theirs).toEqual(said(await way(never)));
  }
  const { body } = await ask("bob", paths.uploads());
  expect(body).not.toContain(id);
  expect(await lengthOf(id)).toBe("0");
  expect((await ask("alice", paths.upload(id), { method: "DELETE", headers: tus })).status).toBe(204);
});

const offsets = [
  "-1",
  "1",
  "10",
  "11",
  "1e0",
  "0x0",
  " 1",
  "+1",
  "00000000000000000000",
  "9".repeat(30),
  "NaN",
  "",
  "0,0",
];

it("E4 a piece that begins elsewhere than where the upload ends changes nothing", async () => {
  const id = await begun("offsets", 10);
  for (const offset of offsets) {
    const { status } = await write(id, offset, "x");
    expect([400, 409], `offset ${JSON.stringify(offset)}`).toContain(status);
  }
  expect(await lengthOf(id)).toBe("0");
  expect((await write(id, "0", "0123456789")).status).toBe(204);
  expect(readFileSync(`${folder}/offsets`, "utf8")).toBe("0123456789");
});

it("E4 pieces that are sent at the same moment become the file of one of them, whole", async () => {
  const size = 200_000;
  const id = await begun("race", size);
  const letters = ["a", "b", "c", "d", "e", "f"];
  const replies = await Promise.all(letters.map((letter) => write(id, "0", letter.repeat(size))));
  // 502: the partial file was put in its place while this piece was being written to it.
  for (const { status } of replies) expect([204, 400, 404, 409, 423, 502]).toContain(status);
  expect(replies.some(({ status }) => status === 204)).toBe(true);
  expect(letters.map((letter) => letter.repeat(size))).toContain(readFileSync(`${folder}/race`, "utf8"));
  expect(sh("ls -A").includes(".berth-upload-")).toBe(false);
});

it("E4 B7 no header makes another request of an upload's, and none makes it wider", async () => {
  const headers = { ...piece, "upload-offset": "0", "x-http-method-override": "PATCH", "x-http-method": "PATCH" };
  const id = await begun("overridden", 4);
  const posted = await ask("alice", paths.upload(id), { method: "POST", headers, body: "pwnd" });
  expect([400, 404, 405]).toContain(posted.status);
  expect(await lengthOf(id)).toBe("0");
  const wider = { ...piece, "upload-offset": "0", "upload-length": "9", "upload-defer-length": "1" };
  await ask("alice", paths.upload(id), { method: "PATCH", headers: wider, body: "012345678" });
  expect(existsSync(`${folder}/overridden`)).toBe(false);
  await ask("alice", paths.upload(id), { method: "DELETE", headers: tus });
});

const wishes: [string, Record<string, string>][] = [
  ["a folder of somebody else", { folder: bobs, name: "x" }],
  ["a folder out of the roots", { folder: "/etc", name: "x" }],
  ["dots in its folders", { folders: "../../bob", name: "x" }],
  ["spelled dots in its folders", { folders: "%2e%2e/%2e%2e/bob", name: "x" }],
  ["a link in its folders", { folders: "bobs", name: "x" }],
  ["a link to the top in its folders", { folders: "top/tmp", name: "x" }],
  ["dots for a name", { name: ".." }],
  ["a path for a name", { name: `../../bob/${mark}/x` }],
  ["a spelled path for a name", { name: "%2e%2e%2fx" }],
  ["the name of a partial file", { name: ".berth-upload-1" }],
  ["keys for a name", { folders: ".ssh", name: "authorized_keys" }],
  ["another cluster", { cluster: "other", name: "x" }],
  ["a cluster of nobody's", { cluster: "__proto__", name: "x" }],
];

it.each(wishes)("E4 an upload with %s is refused", async (_what, wish) => {
  const headers = { ...piece, "upload-length": "1", "upload-metadata": metadata(wish) };
  const { status, headers: answered } = await ask("alice", paths.uploads(), { method: "POST", headers, body: "x" });
  expect([400, 403, 404, 409, 422]).toContain(status);
  expect(answered.location).toBeUndefined();
  expect(existsSync("/etc/x") || existsSync(`${bobs}/x`) || existsSync("/home/bob/x")).toBe(false);
});

// Every text of an upload's wish, read from its schema, times every text that no field may stumble over.
const fields = Object.keys(uploadWish.shape);
const entered = fields.flatMap((name) =>
  textsFor({ name: name === "folder" ? name : "", isFree: true, isInHead: true }).map(
    ({ kind, text }) => [name, kind, text] as const,
  ),
);

it.each(entered)("A1 A2 E10 takes hostile text as text or refuses it: upload's %s, %s", async (field, _kind, text) => {
  // What a person confirmed goes on to the cluster, whatever it begins with.
  const wish = metadata({ name: "x", folders: "entered", confirm: "yes", overwrite: "yes", [field]: text });
  const headers = { ...piece, "upload-length": "1", "upload-metadata": wish };
  const reply = await ask("alice", paths.uploads(), { method: "POST", headers, body: "x" });
  // 431: more than a request's head may hold.
  if (reply.status !== 201 && reply.status !== 431) expect(faultOfRefusal(reply)).toBeNull();
  expect(wasExecuted()).toBe(false);
});

// The same of a form's fields, and of names of what is in a tar.
const inForm = Object.keys(archiveForm.shape).flatMap((name) =>
  textsFor({ name, isFree: true, isInHead: false }).map(({ kind, text }) => [name, kind, text] as const),
);

it.each(inForm)("A1 A2 takes hostile text as text or refuses it: archive's %s, %s", async (field, _kind, text) => {
  const form = { cluster: "hpc", path: `${folder}/.ssh`, format: "zip", [field]: percent(text) };
  // Encoded already, each byte of it, also those that are no text.
  const body = Object.entries(form)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const reply = await ask("alice", paths.fileArchive(), { method: "POST", headers, body });
  if (reply.status !== 200) expect(faultOfRefusal(reply)).toBeNull();
  expect(wasExecuted()).toBe(false);
});

it("A1 a form that is well formed is answered an archive: what is above is refused for its text", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = `cluster=hpc&path=${percent(`${folder}/.ssh`)}`;
  expect((await ask("alice", paths.fileArchive(), { method: "POST", headers, body })).status).toBe(200);
});

const sendTar = (names: Buffer[]): Promise<Reply> => {
  const entries = names.map((name) => tarHeader({ name, kind: "file", size: 0, mode: 0o644 }));
  const query = new URLSearchParams({ cluster: "hpc", folder });
  const headers = { "content-type": "application/x-tar" };
  return ask("alice", `${paths.uploadBatch()}?${query}`, {
    method: "POST",
    headers,
    body: Buffer.concat([...entries, tarEnd()]),
  });
};

it.each(textsFor({ name: "", isFree: true, isInHead: false }))(
  "A1 E10 takes hostile text as text or refuses it: a name in a tar, $kind",
  async ({ text }) => {
    const reply = await sendTar([bytesOf(text)]);
    if (reply.status !== 200) expect(faultOfRefusal(reply)).toBeNull();
    expect(wasExecuted()).toBe(false);
  },
);

it("A1 takes a name that is a shell's words for a name, alone and in a tar", async () => {
  const name = `alone ${shellName}`;
  const metadataOf = metadata({ name });
  const headers = { ...piece, "upload-length": "1", "upload-metadata": metadataOf };
  expect((await ask("alice", paths.uploads(), { method: "POST", headers, body: "x" })).status).toBe(201);
  expect((await sendTar([Buffer.from(`tarred ${shellName}`)])).status).toBe(200);
  expect(sh("ls").split("\n")).toEqual(expect.arrayContaining([name, `tarred ${shellName}`]));
  expect(wasExecuted()).toBe(false);
});
