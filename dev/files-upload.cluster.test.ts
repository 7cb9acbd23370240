// Uploads on the real sshd of cluster/up: broken off and gone on with, hostile names and lengths, what is there already.
import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { POST as finish } from "@/app/api/uploads/[id]/finish/route";
import { DELETE, HEAD, PATCH } from "@/app/api/uploads/[id]/route";
import { POST as create, GET as list } from "@/app/api/uploads/route";
import { useDatabase } from "@/dev/test-database";
import { type Asked, askAs, newFolder, onCluster, withSmallDisk } from "@/dev/test-files";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { encodeName } from "@/lib/files/rules";
import { sweepUploads } from "@/lib/files/sweep-uploads";

useDatabase();
let directory = "";
let alice: TestPerson;
let bob: TestPerson;
let folder = "";

beforeAll(async () => {
  directory = useSlurm("~/berth-files-test");
  alice = await signInPerson("alice");
  bob = await signInPerson("bob");
});
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => onCluster('rm -rf -- "$1"', [folder]));
afterAll(async () => {
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
});

const tus = { "tus-resumable": "1.0.0" };
const piece = { ...tus, "content-type": "application/offset+octet-stream" };
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(length));

const metadata = (values: Record<string, string>) =>
  Object.entries({ cluster: "hpc", folder, ...values })
    .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
    .join(",");

type New = { size: number; body?: Asked["body"]; person?: TestPerson } & Record<string, unknown>;

function begin({ size, body, person = alice, ...values }: New): Promise<Response> {
  // The rest are texts of the metadata.
  const headers = {
    ...(body ? piece : tus),
    "upload-length": String(size),
    "upload-metadata": metadata(values as Record<string, string>),
  };
  return askAs(person, create, { method: "POST", headers, body });
}
const idOf = (response: Response): string => response.headers.get("location")?.split("/").at(-1) ?? "";
const offsetOf = (response: Response): number => Number(response.headers.get("upload-offset"));
const head = (id: string, person = alice) => askAs(person, HEAD, { method: "HEAD", id, headers: tus });
const patch = (id: string, offset: number, body: Asked["body"], person = alice) =>
  askAs(person, PATCH, { method: "PATCH", id, body, headers: { ...piece, "upload-offset": String(offset) } });
const at = (name: string, script: string) => onCluster(`cd "$1" && ${script}`, [folder, name]);
const partials = () => onCluster('cd "$1" && find . -name ".berth-upload-*" | wc -l', [folder]);

/** A body that breaks off after so many bytes, as when the network goes. */
function breaking(bytes: Uint8Array, after: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(stream) {
      if (sent >= after) return stream.error(new Error("The network went away"));
      const part = bytes.slice(sent, Math.min(after, sent + 65_536));
      sent += part.length;
      stream.enqueue(part);
    },
  });
}

it("goes on where it broke off, twice, and has every byte once under the final name only at the end", async () => {
  const bytes = bytesOf(40_000_000);
  const made = await begin({ size: bytes.length, name: "big" });
  expect([made.status, offsetOf(made)]).toEqual([201, 0]);
  const id = idOf(made);
  let offset = 0;
  for (const after of [11_000_000, 9_000_000]) {
    await patch(id, offset, breaking(bytes.slice(offset), after));
    expect(await at("big", '[ ! -e "$2" ] && stat -c "%a" .berth-upload-*')).toBe("600");
    const now = offsetOf(await head(id));
    expect(now).toBeGreaterThan(offset);
    expect(now).toBeLessThan(bytes.length);
    offset = now;
  }
  const listed = await (await askAs(alice, list, {})).json();
  expect(listed.items).toContainEqual(expect.objectContaining({ id, path: `${folder}/big`, size: bytes.length }));
  expect((await patch(id, offset + 1, bytes.slice(offset + 1))).status).toBe(409);
  const last = await patch(id, offset, bytes.slice(offset));
  expect([last.status, offsetOf(last)]).toEqual([204, bytes.length]);
  expect(await at("big", 'sha256sum <"$2" | cut -c1-64')).toBe(sha256(bytes));
  expect(await at("big", 'stat -c "%a %h" "$2"')).toBe("644 1");
  expect(await partials()).toBe("0");
  // The answer may have been lost: who asks again learns that all is there.
  expect(offsetOf(await head(id))).toBe(bytes.length);
  expect((await patch(id, bytes.length, new Uint8Array())).status).toBe(204);
  const events = await db().event.findMany({ where: { action: "file.uploaded", subjectId: `hpc:${folder}/big` } });
  expect(events).toHaveLength(1);
}, 240_000);

it("takes a small file, an empty one, and one of any name in a single request", async () => {
  const name = Buffer.from(Array.from({ length: 60 }, (_none, byte) => byte + 1).filter((byte) => byte !== 0x2f));
  for (const [encoded, bytes] of [
    ["small", bytesOf(5000)],
    ["empty", new Uint8Array()],
    [encodeName(name), bytesOf(10)],
    ["-rf", bytesOf(3)],
    ["%FF%FE", bytesOf(4)],
  ] as const) {
    const made = await begin({ size: bytes.length, name: encoded, body: bytes });
    expect([encoded, made.status, offsetOf(made)]).toEqual([encoded, 201, bytes.length]);
  }
  expect(await at("small", "find . -type f -size 10c -printf x")).toBe("x");
  expect(await at("-rf", 'wc -c <"./$2"')).toBe("3");
  expect(await partials()).toBe("0");
});

it("makes the folders that a file is in", async () => {
  const made = await begin({ size: 3, name: "file", folders: "tree/a b/%FF", body: Uint8Array.of(1, 2, 3) });
  expect(made.status).toBe(201);
  expect(await at("", 'wc -c <"tree/a b/$(printf "\\377")/file"')).toBe("3");
  await at("", "ln -s /tmp tree/tmp && ln -s /etc tree/away");
  expect((await begin({ size: 1, name: "x", folders: "tree/away" })).status).toBe(403);
  expect((await begin({ size: 1, name: "x", folders: "tree/../.." })).status).toBe(400);
});

it("E4 replaces nothing unless that was said, also when the other file came while it was on its way", async () => {
  await at("taken", "echo mine >taken && chmod 755 taken && mkdir -p isfolder");
  expect((await begin({ size: 3, name: "taken" })).status).toBe(409);
  // 409 is for what can be replaced.
  expect((await begin({ size: 3, name: "isfolder", overwrite: "yes" })).status).toBe(422);
  const id = idOf(await begin({ size: 4, name: "race" }));
  await at("race", 'echo first >"$2"');
  expect((await patch(id, 0, new TextEncoder().encode("new\n"))).status).toBe(409);
  expect(await at("race", 'cat "$2"')).toBe("first");
  expect((await askAs(alice, finish, { method: "POST", id, json: {} })).status).toBe(409);
  expect((await askAs(alice, finish, { method: "POST", id, json: { overwrite: true } })).status).toBe(200);
  expect(await at("race", 'cat "$2"')).toBe("new");
  const over = await begin({ size: 4, name: "taken", overwrite: "yes", body: new TextEncoder().encode("new\n") });
  expect(over.status).toBe(201);
  expect(await at("taken", 'cat "$2"; stat -c %a "$2"')).toBe("new\n755");
  expect(await partials()).toBe("0");
});

it("E4 refuses names that are dangerous, too long or no names", async () => {
  await at("", "mkdir -p .ssh");
  for (const name of [".ssh", ".bashrc", "%2Eprofile"])
    expect([name, (await begin({ size: 1, name })).status]).toEqual([name, 422]);
  const inSsh = await begin({ size: 1, name: "authorized_keys", folders: ".ssh", body: Uint8Array.of(1) });
  expect(inSsh.status).toBe(422);
  await at("", "ln -s .ssh shown");
  for (const where of [{ folder: `${folder}/.ssh` }, { folder: `${folder}/shown` }, { folders: "shown" }]) {
    const keys = { size: 1, name: "authorized_keys", ...where, body: Uint8Array.of(1) };
    expect([where, (await begin(keys)).status]).toEqual([where, 422]);
    expect((await begin({ ...keys, confirm: "yes", overwrite: "yes" })).status).toBe(201);
  }
  for (const name of ["..", ".", "a/b", "%2e%2e%2fx", "x".repeat(256), "", "a%00", ".berth-upload-1"]) {
    expect([name, (await begin({ size: 1, name, confirm: "yes" })).status]).toEqual([name, 400]);
  }
  const crlf = await begin({ size: 1, name: "a%0D%0ASet-Cookie: x=1", body: Uint8Array.of(1) });
  expect([crlf.status, crlf.headers.get("set-cookie")]).toEqual([201, null]);
  expect((await begin({ size: 1, name: ".hidden", confirm: "yes", body: Uint8Array.of(1) })).status).toBe(201);
  for (const where of ["/etc", "/", "/tmp/.."])
    expect((await begin({ size: 1, name: "x", folder: where })).status).toBe(403);
  expect(await partials()).toBe("0");
});

it("E4 takes not a byte more than was announced, and nothing that breaks off at once", async () => {
  const id = idOf(await begin({ size: 100, name: "short" }));
  expect((await patch(id, 0, bytesOf(5000))).status).toBe(400);
  expect(offsetOf(await head(id))).toBeLessThanOrEqual(100);
  expect(await at("short", '[ ! -e "$2" ] && echo none')).toBe("none");
  expect((await askAs(alice, DELETE, { method: "DELETE", id })).status).toBe(204);
  expect((await begin({ size: 1000, name: "broken", body: breaking(bytesOf(1000), 10) })).status).toBe(400);
  expect(await partials()).toBe("0");
  config().files.maxUploadGiB = 0.001;
  expect((await begin({ size: 2_000_000, name: "large" })).status).toBe(422);
  config().files.maxUploadGiB = 1000;
  for (const size of [-1, 1.5, Number.NaN]) expect((await begin({ size, name: "x" })).status).toBe(400);
});

it("is written by one of several that send pieces at once, and tells the others so", async () => {
  const bytes = bytesOf(200_000);
  const id = idOf(await begin({ size: bytes.length, name: "at-once" }));
  // Sends half and then nothing, and never ends.
  const half = () => new ReadableStream<Uint8Array>({ start: (stream) => stream.enqueue(bytes.slice(0, 100_000)) });
  let isAnswered = false;
  const pieces = Promise.all([1, 2, 3].map(() => patch(id, 0, half()))).finally(() => {
    isAnswered = true;
  });
  while (!isAnswered) await head(id);
  const statuses = (await pieces).map(({ status }) => status);
  expect(statuses).toContain(423);
  // Who came when something was there already began in the wrong place.
  expect(statuses.filter((status) => status !== 423 && status !== 409)).toEqual([]);
  const offset = offsetOf(await head(id));
  expect((await patch(id, offset, bytes.slice(offset))).status).toBe(204);
  expect(await at("at-once", 'sha256sum <"$2" | cut -c1-64')).toBe(sha256(bytes));
});

it("says that there is no room on a full disk, and keeps nothing of what did not fit", async () => {
  await withSmallDisk(folder, 100, async (disk) => {
    const small = await begin({ size: 500_000, name: "small", folder: disk, body: bytesOf(500_000) });
    expect(small.status).toBe(422);
    expect(await small.json()).toMatchObject({
      ...{ code: "denied", detail: expect.stringContaining("There is no room left there") },
      words: expect.stringContaining("No space left on device"),
    });
    expect(await at("", "ls -A disk")).toBe("filler");
    const id = idOf(await begin({ size: 500_000, name: "pieces", folder: disk }));
    expect((await patch(id, 0, bytesOf(500_000))).status).toBe(422);
    await at("", "rm disk/filler");
    const offset = offsetOf(await head(id));
    expect(offset).toBeLessThan(500_000);
    expect((await patch(id, offset, bytesOf(500_000 - offset))).status).toBe(204);
    expect(await at("", "stat -c %s disk/pieces")).toBe("500000");
  });
});

it("has its name when a look says that all of it is there, or the look says what is in the way", async () => {
  const id = idOf(await begin({ size: 4, name: "late" }));
  await at("late", 'echo first >"$2"');
  expect((await patch(id, 0, new TextEncoder().encode("new\n"))).status).toBe(409);
  expect((await head(id)).status).toBe(409);
  await at("late", 'rm "$2"');
  const looks = await Promise.all([head(id), head(id), head(id)]);
  expect(looks.map((look) => [look.status, offsetOf(look)])).toEqual(Array(3).fill([200, 4]));
  expect(await at("late", 'cat "$2"')).toBe("new");
  expect(await partials()).toBe("0");
  const listed = await (await askAs(alice, list, {})).json();
  expect(listed.items.filter((item: { id: string }) => item.id === id)).toEqual([]);
});

it("is nobody else's", async () => {
  const id = idOf(await begin({ size: 10, name: "mine" }));
  const answers = await Promise.all([
    head(id, bob),
    patch(id, 0, bytesOf(10), bob),
    askAs(bob, DELETE, { method: "DELETE", id }),
    askAs(bob, finish, { method: "POST", id, json: {} }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  expect((await askAs(alice, DELETE, { method: "DELETE", id })).status).toBe(204);
  expect((await head(id)).status).toBe(404);
});

it("writes into nothing that took the partial file's place", async () => {
  const id = idOf(await begin({ size: 10, name: "swapped" }));
  await at(id, 'echo precious >precious && rm ".berth-upload-$2" && ln -s precious ".berth-upload-$2"');
  expect((await patch(id, 0, bytesOf(10))).status).toBe(404);
  await at(id, 'rm ".berth-upload-$2" && ln precious ".berth-upload-$2"');
  expect((await patch(id, 0, bytesOf(10))).status).toBe(404);
  expect(await at("precious", 'cat "$2"; rm .berth-upload-*')).toBe("precious");
});

it("is given up after a while, and its partial file removed", async () => {
  const id = idOf(await begin({ size: 10, name: "left" }));
  await sweepUploads("hpc", new Date());
  expect((await head(id)).status).toBe(200);
  await sweepUploads("hpc", new Date(Date.now() + 8 * 86_400_000));
  expect((await head(id)).status).toBe(404);
  expect(await partials()).toBe("0");
});
