// Files on the real sshd of cluster/up: listing, names of any bytes, roots and what lies outside of them.
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GET as roots } from "@/app/api/files/roots/route";
import { GET as list } from "@/app/api/files/route";
import { useDatabase } from "@/dev/test-database";
import { askAs, linesOf, newFolder, onCluster } from "@/dev/test-files";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { decodeBytes } from "@/lib/files/names/schema";
import type { FileEntry, FolderHead, FolderSpace, ListingLine } from "@/lib/files/schema";

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
  await onCluster('rm -rf -- "$1"', [folder]);
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
});

const ask = (path: string) => askAs(alice, list, { query: { cluster: "hpc", path } });

type Listed = { head: FolderHead; entries: FileEntry[]; count: number; room: FolderSpace };

async function listing(path: string): Promise<Listed> {
  const lines = await linesOf<ListingLine>(await ask(path));
  const [head] = lines;
  const [end, room] = lines.slice(-2);
  if (head?.kind !== "folder" || end?.kind !== "end" || room?.kind !== "space")
    throw new Error("The listing is not whole.");
  const entries = lines.flatMap((line) => (line.kind === "entries" ? line.entries : []));
  return { head, entries, count: end.count, room };
}

it("lists what there is with type, mode, owner, size, time and where links lead", async () => {
  const made = `mkdir "$1/list" && cd "$1/list" && echo hello >file && chmod 640 file && touch -d 2026-01-02T03:04:05Z file &&
    mkdir sub && ln -s file good && ln -s sub there && ln -s nowhere bad && mkfifo pipe`;
  await onCluster(made, [folder]);
  const { head, entries, count, room } = await listing(`${folder}/list`);
  expect(head).toMatchObject({ path: `${folder}/list`, name: "list", owner: "alice", writable: true, mode: "0755" });
  expect(room.fileSystem?.limitBytes).toBeGreaterThan(room.fileSystem?.usedBytes ?? Number.POSITIVE_INFINITY);
  const of = (name: string) => entries.find((entry) => entry.name === name);
  expect(of("file")).toEqual({
    ...{ type: "file", name: "file", path: `${folder}/list/file`, size: 6, mode: "0640", owner: "alice", target: null },
    ...{ group: of("sub")?.group, modifiedAt: "2026-01-02T03:04:05.000Z" },
  });
  expect(of("sub")?.type).toBe("folder");
  expect(of("pipe")?.type).toBe("fifo");
  expect(of("good")?.target).toEqual({ text: "file", type: "file" });
  expect(of("there")?.target).toEqual({ text: "sub", type: "folder" });
  expect(of("bad")?.target).toEqual({ text: "nowhere", type: null });
  expect(count).toBe(6);
});

it("knows names of every byte that a name can have, and finds the file by what it called it", async () => {
  const bytes = Array.from({ length: 255 }, (_none, at) => at + 1).filter((byte) => byte !== 0x2f);
  const octal = bytes.map((byte) => `x\\0${byte.toString(8).padStart(3, "0")}`);
  const names = [...octal, "-rf", "<img src=x onerror=alert(1)>", "\\0377\\0376", "a\\0012\\0012", "100%25"];
  const made = `mkdir "$1/bytes" && cd "$1/bytes" && shift && for n; do n=$(printf '%b.' "$n"); mkdir -- "\${n%.}" || exit 1; done`;
  await onCluster(made, [folder, ...names]);
  const { entries } = await listing(`${folder}/bytes`);
  expect(entries).toHaveLength(names.length);
  const seen = new Set(
    entries.map(({ path }) =>
      Buffer.from(decodeBytes(path) ?? [])
        .toString("latin1")
        .split("/")
        .at(-1),
    ),
  );
  for (const byte of bytes) expect(seen).toContain(`x${String.fromCharCode(byte)}`);
  for (const { name } of entries) expect(name).not.toMatch(/[\p{Cc}]/u);
  for (const { path } of entries.filter((_entry, at) => at % 20 === 0)) {
    expect((await listing(path)).head.path).toBe(path);
  }
});

it("shows home and scratch as roots", async () => {
  const { items } = await (await askAs(alice, roots, { query: { cluster: "hpc" } })).json();
  const home = await onCluster("cd && pwd -P");
  expect(items).toEqual([
    { title: "Home", path: home, name: home, writable: true },
    { title: "Scratch", path: "/tmp", name: "/tmp", writable: true },
  ]);
  expect((await listing("~")).head.path).toBe(home);
});

it("E1 refuses what lies outside of the roots, however it is spelled", async () => {
  await onCluster('ln -s /etc "$1/away" && mkdir "$1/in" && ln -s ../in "$1/in/back"', [folder]);
  const outside = [
    "/",
    "/etc",
    "/home/..",
    `${folder}/../../../etc`,
    "/tmp/..",
    `${folder}/away`,
    `${folder}/%2e%2e/%2e%2e/..`,
  ];
  for (const path of [...outside, "/proc/self/cwd/../../etc", "~/../..", "/tmp/../etc"]) {
    expect([path, (await ask(path)).status]).toEqual([path, 403]);
  }
  for (const path of ["etc", "~root", "~bob/x", "/a%00b", "/a%zz", "/a%", ""]) {
    expect([path, (await ask(path)).status]).toEqual([path, 400]);
  }
  for (const path of [`${folder}/%5C..%5C..`, `${folder}/%E2%80%A5/etc`, `${folder}/missing`, `${folder}/in/file/x`]) {
    expect([path, (await ask(path)).status]).toEqual([path, 404]);
  }
  expect((await listing(`${folder}/in/back`)).head.path).toBe(`${folder}/in`);
  expect((await ask(`${folder}/in/back/x`)).status).toBe(404);
});

it("says what the kernel says of folders of others", async () => {
  const bobs = await onCluster('mkdir -m 700 "/tmp/files-$1" && echo "/tmp/files-$1"', [folder.slice(-8)], "bob");
  expect((await ask(bobs)).status).toBe(403);
  await onCluster('rmdir "$1"', [bobs], "bob");
});

it("lists a hundred thousand names in pieces, from the first on at once", async () => {
  await onCluster('mkdir "$1/many" && cd "$1/many" && seq 1 100000 | xargs touch', [folder]);
  const startedAt = performance.now();
  const response = await ask(`${folder}/many`);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  const firstAt = performance.now();
  expect(Buffer.from(first?.value ?? []).toString()).toContain('"kind":"folder"');
  let text = "";
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
    text += Buffer.from(part.value);
  console.info(`first line ${Math.round(firstAt - startedAt)} ms, all ${Math.round(performance.now() - startedAt)} ms`);
  expect(text).toContain('{"kind":"end","count":100000,"words":null}');
});
