// Many files in one request on the real sshd of cluster/up: ten thousand of them, what is there already, what breaks off.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { POST as batch } from "@/app/api/uploads/batch/route";
import { useDatabase } from "@/dev/test-database";
import { type Asked, askAs, newFolder, onCluster, withSmallDisk } from "@/dev/test-files";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { db } from "@/lib/db";
import type { UploadedBatch } from "@/lib/files/schema";
import { tarEnd, tarHeader, tarPadding } from "@/lib/files/tar/rules";

useDatabase();
let directory = "";
let alice: TestPerson;
let folder = "";
let local = "";

beforeAll(async () => {
  directory = useSlurm("~/berth-files-test");
  alice = await signInPerson("alice");
});
beforeEach(async () => {
  folder = await newFolder();
  local = mkdtempSync(join(tmpdir(), "berth-batch-"));
});
afterEach(async () => {
  await onCluster('chmod -R u+rwX "$1"; rm -rf -- "$1"', [folder]);
  rmSync(local, { recursive: true, force: true });
});
afterAll(async () => {
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
});

const here = (script: string) => onCluster(`cd "$1" && ${script}`, [folder]);
const send = (body: Asked["body"], query: Record<string, string> = {}) =>
  askAs(alice, batch, { method: "POST", query: { cluster: "hpc", folder, ...query }, body });
const nothing = () => here("ls -A");

async function placed(response: Response): Promise<UploadedBatch> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text);
}

type File = { name: string | Uint8Array; text?: string; kind?: "file" | "folder"; size?: number; mode?: number };

function tar(files: File[], end = tarEnd()): Uint8Array<ArrayBuffer> {
  const parts = files.flatMap(({ name, text = "", kind = "file", size, mode = 0o644 }) => {
    const bytes = Buffer.from(text);
    const head = { name: typeof name === "string" ? Buffer.from(name) : name, kind, size: size ?? bytes.length, mode };
    return [tarHeader(head), bytes, tarPadding(bytes.length)];
  });
  return new Uint8Array(Buffer.concat([...parts, end]));
}

it.each(["gnu", "ustar"])(
  "takes ten thousand files of a tar of format %s, and they are the same",
  async (format) => {
    for (let at = 0; at < 100; at += 1) {
      mkdirSync(join(local, "set", `d ${at}`), { recursive: true });
      for (let file = 0; file < 100; file += 1)
        writeFileSync(join(local, "set", `d ${at}`, `${file}`), `${at}/${file}\n`);
    }
    mkdirSync(join(local, "set", "l".repeat(90), "m".repeat(90)), { recursive: true });
    writeFileSync(join(local, "set", "l".repeat(90), "m".repeat(90), "n"), "deep", { mode: 0o755 });
    const file = join(local, "set.tar");
    execFileSync("tar", ["--create", `--format=${format}`, `--file=${file}`, "-C", local, "set"]);
    const startedAt = performance.now();
    const { placed: count, left } = await placed(await send(new Uint8Array(readFileSync(file))));
    console.info(`10,001 files in ${Math.round(performance.now() - startedAt)} ms`);
    expect([count, left]).toEqual([10_001, []]);
    expect(execFileSync("diff", ["-r", join(local, "set"), join(folder, "set")], { encoding: "utf8" })).toBe("");
    expect(await here('stat -c "%a %U" set set/*/*/n')).toBe("755 alice\n755 alice");
    expect(await nothing()).toBe("set");
  },
  180_000,
);

it("joins what is there, replaces nothing, and names what it left", async () => {
  await here(
    "mkdir -p set/inner isfolder && echo mine >set/inner/a && echo mine >top && ln -s /tmp away && ln -s nowhere link",
  );
  const names = ["set/inner/a", "set/inner/b", "set/new/c", "top", "isfolder", "away/x", "link", "fresh"];
  const { placed: count, left } = await placed(await send(tar(names.map((name) => ({ name, text: "new" })))));
  expect(Object.fromEntries(left.map(({ path, why }) => [path, why]))).toEqual({
    ...{ "set/inner/a": "exists", top: "exists", isfolder: "other", link: "exists", "away/x": "other" },
  });
  expect(count).toBe(3);
  expect(
    await here("cat set/inner/a top set/inner/b set/new/c fresh; echo; ls -A; ls -A isfolder; [ ! -e /tmp/x ]"),
  ).toBe("mine\nmine\nnewnewnew\naway\nfresh\nisfolder\nlink\nset\ntop");
  const [event] = await db().event.findMany({ where: { action: "file.uploaded" }, orderBy: { at: "desc" }, take: 1 });
  expect(event?.data).toMatchObject({ count: 3 });
});

it("takes nothing where there is no room for all, and says so", async () => {
  await withSmallDisk(folder, 100, async (disk) => {
    const files = Array.from({ length: 20 }, (_none, at) => ({ name: `f${at}`, text: "x".repeat(20_000) }));
    const answer = await send(tar(files), { folder: disk });
    expect([answer.status, await answer.json()]).toMatchObject([
      422,
      { code: "denied", detail: expect.stringContaining("There is no room left there") },
    ]);
    expect(await here("ls -A disk")).toBe("filler");
  });
});

it("takes names of every byte, and no name that is dangerous", async () => {
  const every = Array.from({ length: 255 }, (_none, at) => at + 1).filter((byte) => byte !== 0x2f && byte !== 0x2e);
  const files = every.map((byte) => ({ name: Buffer.from([byte, 0x78]), text: String(byte) }));
  expect((await placed(await send(tar([...files, { name: "-rf" }, { name: "y".repeat(255) }])))).left).toEqual([]);
  expect(await here('cat "$(printf "\\377x")" "$(printf "\\nx")" && ls -A | wc -l')).toMatch(/^25510/);
  await here("find . -mindepth 1 -delete");
  for (const name of ["../x", "a/../../x", "/etc/x", "a//../x", ".berth-upload-1", "y".repeat(256)]) {
    const answer = await send(tar([{ name: "good" }, { name }]));
    expect([name, answer.status]).toEqual([name, 400]);
  }
  for (const name of [".ssh/authorized_keys", ".bashrc", "a/.profile"])
    expect([name, (await send(tar([{ name }]))).status]).toEqual([name, 422]);
  expect(await nothing()).toBe("");
  expect((await placed(await send(tar([{ name: "a/.hidden" }]), { confirm: "yes" }))).placed).toBe(1);
});

it("takes no link, no device, and no archive that broke off or lies", async () => {
  execFileSync("sh", [
    "-c",
    'cd "$1" && ln -s /etc/passwd l && tar -cf l.tar l && echo x >f && ln f g && tar -cf g.tar f g',
    "sh",
    local,
  ]);
  for (const name of ["l.tar", "g.tar"])
    expect((await send(new Uint8Array(readFileSync(join(local, name))))).status).toBe(400);
  const two = tar([
    { name: "a", text: "1" },
    { name: "b", text: "2" },
  ]);
  // Between two files, in the middle of one, before the end, and one that says more than it has.
  for (const cut of [1024, 700, 2048]) expect([cut, (await send(two.slice(0, cut))).status]).toEqual([cut, 400]);
  expect((await send(tar([{ name: "a", text: "1", size: 5_000_000 }]))).status).toBe(400);
  const breaking = new ReadableStream<Uint8Array>({
    pull(stream) {
      stream.enqueue(two.slice(0, 1024));
      stream.error(new Error("The network went away"));
    },
  });
  expect((await send(breaking)).status).toBe(400);
  expect((await send(new Uint8Array(Buffer.from("no tar at all".repeat(200))))).status).toBe(400);
  for (const where of ["/etc", "/tmp/.."]) expect((await send(two, { folder: where })).status).toBe(403);
  expect(await nothing()).toBe("");
});

it("E4 takes nothing into a hidden folder unless that was said", async () => {
  await here("mkdir .ssh && ln -s .ssh shown");
  for (const into of [".ssh", "shown"]) {
    const query = { folder: `${folder}/${into}` };
    const keys = tar([{ name: `keys-${into}`, text: "x" }]);
    expect((await send(keys, query)).status).toBe(422);
    expect((await placed(await send(keys, { ...query, confirm: "yes" }))).placed).toBe(1);
  }
  expect(await here("ls -A .ssh")).toBe("keys-.ssh\nkeys-shown");
});

it("makes folders in which nothing is, and tells of one whose name is taken", async () => {
  await here("mkdir there && echo kept >taken");
  const entries = ["new/in", "there", "there/below", "taken"].map((name) => ({ name, kind: "folder" as const }));
  const { placed: count, left } = await placed(await send(tar([...entries, { name: "there/f", text: "x" }])));
  expect({ count, left }).toEqual({ count: 1, left: [{ path: "taken", why: "other" }] });
  expect(await here("find . -mindepth 1 | sort && cat taken")).toBe(
    "./new\n./new/in\n./taken\n./there\n./there/below\n./there/f\nkept",
  );
});
