// The content of files on the real sshd of cluster/up: downloads, ranges, special files, texts for the editor.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GET as content, PUT as save } from "@/app/api/files/content/route";
import { GET as listing } from "@/app/api/files/route";
import { GET as text } from "@/app/api/files/text/route";
import { useDatabase } from "@/dev/test-database";
import { type Asked, askAs, linesOf, newFolder, onCluster, withSmallDisk } from "@/dev/test-files";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import type { ListingLine } from "@/lib/files/schema";

useDatabase();
let directory = "";
let alice: TestPerson;
let folder = "";

beforeAll(async () => {
  directory = useSlurm("~/berth-files-test");
  alice = await signInPerson("alice");
  folder = await newFolder();
});
afterAll(async () => {
  await onCluster('chmod -R u+rwx "$1"; rm -rf -- "$1"', [folder]);
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
});

const get = (path: string, asked: Asked = {}, handler = content) =>
  askAs(alice, handler, {
    query: { cluster: "hpc", path: path.startsWith("/") ? path : `${folder}/${path}` },
    ...asked,
  });
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

it("gives every byte of a file, with headers that no browser makes a page of", async () => {
  const sum = await onCluster(
    'cd "$1" && head -c 20000000 /dev/urandom >big.html && sha256sum <big.html | cut -c1-64',
    [folder],
  );
  const response = await get("big.html");
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename="big.html"; filename*=UTF-8''big.html`,
    "content-length": "20000000",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "accept-ranges": "bytes",
  });
  expect(sha256(await response.bytes())).toBe(sum);
});

it("gives the part that is asked for, and goes on with a download that broke off", async () => {
  await onCluster('cd "$1" && seq 1 100000 >lines', [folder]);
  const whole = await get("lines");
  const etag = whole.headers.get("etag") ?? "";
  const all = await whole.bytes();
  const part = async (range: string, headers = {}) => {
    const response = await get("lines", { headers: { range, ...headers } });
    return {
      status: response.status,
      range: response.headers.get("content-range"),
      bytes: Buffer.from(await response.bytes()),
    };
  };
  const size = all.length;
  expect(await part("bytes=5-9")).toEqual({
    status: 206,
    range: `bytes 5-9/${size}`,
    bytes: Buffer.from(all.slice(5, 10)),
  });
  expect((await part("bytes=-7")).bytes).toEqual(Buffer.from(all.slice(-7)));
  expect((await part(`bytes=${size - 3}-`, { "if-range": etag })).bytes).toEqual(Buffer.from(all.slice(-3)));
  expect((await part("bytes=5-9", { "if-range": '"other"' })).bytes).toHaveLength(size);
  expect(await part(`bytes=${size}-`)).toMatchObject({ status: 416, range: `bytes */${size}` });
  expect((await get("lines", { headers: { "if-none-match": etag } })).status).toBe(304);
  await onCluster('cd "$1" && echo more >>lines', [folder]);
  expect((await part(`bytes=${size}-`)).bytes.toString()).toBe("more\n");
  const head = await get("lines", { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, String(size + 5), ""]);
  // RFC 9110 section 14.2: a range is for GET.
  const headOfPart = await get("lines", { method: "HEAD", headers: { range: "bytes=0-9" } });
  expect([headOfPart.status, headOfPart.headers.get("content-length")]).toEqual([200, String(size + 5)]);
});

it("E3 gives regular files only, and says so at once", async () => {
  await onCluster(
    'cd "$1" && echo x >plain && mkfifo fifo && ln -s fifo to-fifo && mkdir d && ln -s /dev/zero zero && ln -s /etc/passwd away && : >empty && echo x >shut && chmod 0 shut',
    [folder],
  );
  await onCluster('cd "$1" && python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\'sock\')"', [folder]);
  const expected = {
    fifo: 400,
    "to-fifo": 400,
    sock: 400,
    d: 400,
    zero: 400,
    away: 403,
    shut: 403,
    missing: 404,
    "d/x": 404,
    "plain/x": 400,
  };
  for (const [name, status] of Object.entries(expected)) {
    // Opening a pipe that nobody writes to would wait for ever.
    expect([name, (await get(name)).status]).toEqual([name, status]);
  }
  for (const path of ["/dev/zero", "/proc/kcore", "/proc/self/environ", "/etc/passwd", "/dev/stdin"]) {
    expect([path, (await get(path)).status]).toEqual([path, 403]);
  }
  const empty = await get("empty");
  expect([empty.status, empty.headers.get("content-length"), await empty.text()]).toEqual([200, "0", ""]);
});

it("E3 streams a sparse terabyte at the reader's pace, and ends it on the cluster when the reader goes", async () => {
  await onCluster('cd "$1" && truncate -s 1T sparse', [folder]);
  const response = await get("sparse");
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
  const reads = () => onCluster("pgrep -u alice -x dd | wc -l");
  expect(await reads()).toBe("1");
  const position = async () =>
    Number(/pos:\s+(\d+)/.exec(await onCluster('cat /proc/"$(pgrep -u alice -x dd)"/fdinfo/0'))?.[1]);
  // Pipes, sockets and the SSH window are filled, and then nothing moves until somebody reads on.
  let latest = -1;
  const moved = async () => {
    const before = latest;
    latest = await position();
    return latest - before;
  };
  await expect.poll(moved, { timeout: 30_000, interval: 500 }).toBe(0);
  expect(latest).toBeLessThan(64 * 1024 * 1024);
  await reader?.cancel();
  await expect.poll(reads, { timeout: 15_000 }).toBe("0");
});

it("E3 breaks off, and does not pretend to be whole, when the file shrinks while it is read", async () => {
  await onCluster('cd "$1" && truncate -s 200M shrinks', [folder]);
  const response = await get("shrinks");
  const reader = response.body?.getReader();
  await reader?.read();
  await onCluster('cd "$1" && truncate -s 1M shrinks', [folder]);
  const all = async () => {
    for (let part = await reader?.read(); !part?.done; part = await reader?.read());
  };
  await expect(all()).rejects.toThrow("shorter");
});

it("E2 never gives a byte from outside of the roots while a link is swapped", async () => {
  await onCluster('mkdir -p "$1/swap/a" && cd "$1/swap" && echo inside >a/hostname', [folder]);
  const swapping = `cd "$1/swap" || exit 1
    i=0; while [ $i -lt 400 ] && [ ! -e stop ]; do ln -sfn a now; ln -sfn /etc now; i=$((i + 1)); done`;
  const swaps = onCluster(swapping, [folder]);
  const seen = new Set<string>();
  for (let times = 0; times < 40; times += 1) {
    const response = await get("swap/now/hostname");
    seen.add(response.ok ? await response.text() : String(response.status));
  }
  await onCluster('touch "$1/swap/stop"', [folder]);
  await swaps;
  for (const outcome of seen) expect(["inside\n", "403", "404"]).toContain(outcome);
  expect(seen.size).toBeGreaterThan(1);
});

it("gives a text with what an editor must know, and not a byte more than a mebibyte", async () => {
  await onCluster(
    'cd "$1" && printf "h\\303\\251\\r\\n" >t.txt && chmod 600 t.txt && head -c 3000000 /dev/zero | tr "\\0" x >long && head -c 100 /dev/zero >zeros',
    [folder],
  );
  const read = async (name: string) => (await get(name, {}, text)).json();
  expect(await read("t.txt")).toMatchObject({
    ...{ path: `${folder}/t.txt`, text: "hé\r\n", encoding: "utf-8", bom: false, lineEnds: "crlf", size: 5 },
    ...{ truncated: false, mode: "0600", writable: true },
  });
  const long = await read("long");
  expect([long.text.length, long.truncated, long.size]).toEqual([1024 * 1024, true, 3_000_000]);
  expect((await read("zeros")).encoding).toBe("binary");
});

const put = (path: string, body: string, headers: Record<string, string>, more = {}) => {
  const query = { cluster: "hpc", path: `${folder}/${path}`, ...more };
  const length = { "content-length": String(Buffer.byteLength(body)) };
  return askAs(alice, save, {
    method: "PUT",
    query,
    body: new Uint8Array(Buffer.from(body)),
    headers: { ...length, ...headers },
  });
};

it("saves into the file itself where it is another's, has other names, or is in a folder that takes nothing new", async () => {
  await onCluster(
    'cd "$1" && mkdir own own/shut && cd own && echo one >f && ln f g && echo longer >bobs && chmod 666 bobs && echo one >shut/f && chmod 555 shut',
    [folder],
  );
  execFileSync("chown", ["bob:bob", `${folder}/own/bobs`]);
  const facts = () => onCluster('cd "$1/own" && stat -c "%n %i %U %h %a" f g bobs shut/f', [folder]);
  const before = await facts();
  for (const [path, content] of [
    ["f", "a longer one\n"],
    ["bobs", "two\n"],
    ["shut/f", ""],
    ["shut/f", "three\n"],
  ] as const) {
    const opened = await (await get(`own/${path}`, {}, text)).json();
    expect(opened.writable).toBe(true);
    const saved = await put(`own/${path}`, content, { "if-match": opened.etag });
    expect([path, saved.status]).toEqual([path, 200]);
    expect((await saved.json()).etag).toBe((await (await get(`own/${path}`, {}, text)).json()).etag);
    expect((await put(`own/${path}`, "x", { "if-match": opened.etag })).status).toBe(409);
  }
  expect(await facts()).toBe(before);
  expect(
    await onCluster('cd "$1/own" && cat f g bobs shut/f && ls -A . shut && ls /tmp | grep -c berth-edit- || :', [
      folder,
    ]),
  ).toBe("a longer one\na longer one\ntwo\nthree\n.:\nbobs\nf\ng\nshut\n\nshut:\nf\n0");
  await onCluster('chmod 755 "$1/own/shut"', [folder]);
});

it("E4 makes no new file in a hidden folder unless that was said", async () => {
  await onCluster('mkdir "$1/.config"', [folder]);
  expect((await put(".config/new", "x", { "if-none-match": "*" })).status).toBe(422);
  expect((await put(".config/new", "x", { "if-none-match": "*" }, { confirm: "yes" })).status).toBe(200);
});

it("saves nothing on a full disk, says so, and leaves what was there", async () => {
  await onCluster('mkdir "$1/full"', [folder]);
  await withSmallDisk(`${folder}/full`, 8, async (disk) => {
    await onCluster('echo kept >"$1/f"', [disk]);
    const { etag } = await (await get("full/disk/f", {}, text)).json();
    const answer = await put("full/disk/f", "x".repeat(50_000), { "if-match": etag });
    expect([answer.status, (await answer.json()).code]).toEqual([422, "denied"]);
    expect(await onCluster('cd "$1" && cat f && ls -A', [disk])).toBe("kept\nf\nfiller");
    await onCluster('ln "$1/f" "$1/g"', [disk]);
    const linked = await put("full/disk/f", "x".repeat(50_000), { "if-match": etag });
    expect([linked.status, (await linked.json()).code]).toEqual([422, "denied"]);
    expect(await onCluster('cd "$1" && cat f g', [disk])).toBe("kept\nkept");
  });
});

it("lists and opens files of any time", async () => {
  await onCluster('mkdir "$1/times"', [folder]);
  await withSmallDisk(`${folder}/times`, 100, async (disk) => {
    await onCluster('cd "$1" && touch -d @9000000000000 far && touch -d @-9000000000000 before && touch -d @0 zero', [
      disk,
    ]);
    const lines = await linesOf<ListingLine>(await get("times/disk", {}, listing));
    const times = lines.flatMap((line) =>
      line.kind === "entries" ? line.entries.map(({ name, modifiedAt }) => [name, modifiedAt]) : [],
    );
    expect(Object.fromEntries(times)).toMatchObject({
      ...{ far: "9999-12-31T23:59:59.000Z", before: "0000-01-01T00:00:00.000Z", zero: "1970-01-01T00:00:00.000Z" },
    });
    expect((await (await get("times/disk/far", {}, text)).json()).modifiedAt).toBe("9999-12-31T23:59:59.000Z");
  });
});

it("saves over the state that was opened, in one step, with its mode and through a link", async () => {
  await onCluster('cd "$1" && mkdir edit && cd edit && echo one >f && chmod 751 f && ln -s f to-f', [folder]);
  const opened = await (await get("edit/to-f", {}, text)).json();
  const saved = await put("edit/to-f", "two\n", { "if-match": opened.etag });
  expect(saved.status).toBe(200);
  const after = await saved.json();
  expect(after).toMatchObject({ path: `${folder}/edit/f`, size: 4 });
  expect(await onCluster('cd "$1/edit" && cat f && stat -c %a f && readlink to-f && ls -A', [folder])).toBe(
    "two\n751\nf\nf\nto-f",
  );
  expect((await (await get("edit/f", {}, text)).json()).etag).toBe(after.etag);
});

it("saves nothing over what somebody else changed, and makes a new file only where there is none", async () => {
  await onCluster('cd "$1" && mkdir theirs && cd theirs && echo one >f && echo x >shut && chmod 400 shut', [folder]);
  const { etag } = await (await get("theirs/f", {}, text)).json();
  await onCluster('cd "$1/theirs" && echo two >f', [folder]);
  expect((await put("theirs/f", "three", { "if-match": etag })).status).toBe(409);
  const shut = await (await get("theirs/shut", {}, text)).json();
  expect(shut.writable).toBe(false);
  expect((await put("theirs/shut", "x", { "if-match": shut.etag })).status).toBe(403);
  expect((await put("theirs/f", "x", {})).status).toBe(400);
  expect((await put("theirs/f", "x", { "if-none-match": "*" })).status).toBe(409);
  expect((await put("theirs/new", "new", { "if-none-match": "*" })).status).toBe(200);
  expect((await put("theirs/.new", "new", { "if-none-match": "*" })).status).toBe(422);
  expect((await put("theirs/.new", "new", { "if-none-match": "*" }, { confirm: "yes" })).status).toBe(200);
  expect((await put("theirs/f", "x", { "if-match": etag, "content-length": "17000000" })).status).toBe(400);
  expect((await put("theirs/new2", "cut", { "if-none-match": "*", "content-length": "5" })).status).toBe(400);
  expect((await put("theirs/gone", "x", { "if-match": etag })).status).toBe(404);
  expect(await onCluster('cd "$1/theirs" && cat f new .new && ls -A', [folder])).toBe("two\nnewnew.new\nf\nnew\nshut");
});
