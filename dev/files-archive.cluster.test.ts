// Archives of files on the real sshd of cluster/up: ten thousand files, names of any bytes, links, what cannot be read, swaps.
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { GET as archive, POST as select } from "@/app/api/files/archive/route";
import { useDatabase } from "@/dev/test-database";
import { askAs, newFolder, onCluster } from "@/dev/test-files";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { encodeTyped } from "@/lib/files/rules";

useDatabase();
let directory = "";
let alice: TestPerson;
let folder = "";
let out = "";

beforeAll(async () => {
  directory = useSlurm("~/berth-files-test");
  alice = await signInPerson("alice");
});
beforeEach(async () => {
  folder = await newFolder();
  out = mkdtempSync(join(tmpdir(), "berth-archive-"));
});
afterEach(async () => {
  await onCluster('chmod -R u+rwX "$1"; rm -rf -- "$1"', [folder]);
  rmSync(out, { recursive: true, force: true });
});
afterAll(async () => {
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
});

const here = (script: string) => onCluster(`cd "$1" && ${script}`, [folder]);

async function take(query: Record<string, string>): Promise<{ file: string; response: Response }> {
  const response = await askAs(alice, archive, { query: { cluster: "hpc", path: folder, ...query } });
  const file = join(out, `archive.${query.format ?? "zip"}`);
  if (!response.ok || !response.body) throw new Error(`${response.status} ${await response.text()}`);
  // Node's and the DOM's type of the same stream.
  await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(file));
  return { file, response };
}

// unzip(1) makes something else of names that are no UTF-8; Python tells their bytes (zipfile reads them as code page 437).
const UNZIP = `
import os, stat, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
for entry in archive.infolist():
    name = entry.filename.encode("utf-8" if entry.flag_bits & 2048 else "cp437")
    path, mode = os.path.join(os.fsencode(sys.argv[2]), name), entry.external_attr >> 16
    os.makedirs(path if name.endswith(b"/") else os.path.dirname(path), exist_ok=True)
    if stat.S_ISLNK(mode): os.symlink(archive.read(entry), path); continue
    if not name.endswith(b"/"): open(path, "wb").write(archive.read(entry))
    os.chmod(path, mode & 0o7777)
`;

/** Unpacks, and compares with what is on the cluster (which is on this machine): names, bytes, links, modes. */
function unpack(file: string, names = ".", exact = false): string {
  const at = join(out, "unpacked");
  mkdirSync(at);
  if (file.endsWith(".tar")) execFileSync("tar", ["-xf", file, "-C", at]);
  else if (exact) execFileSync("python3", ["-c", UNZIP, file, at]);
  else execFileSync("unzip", ["-q", file, "-d", at], { env: { ...process.env, LC_ALL: "C.UTF-8" } });
  return names === "." ? at : join(at, names);
}
const tree = (at: string) =>
  execFileSync("find", [".", "-mindepth", "1", "-printf", "%P %y %m %l\\n"], { cwd: at, encoding: "latin1" })
    .split("\n")
    .toSorted();
const same = (a: string, b: string) => execFileSync("diff", ["-r", "--no-dereference", a, b], { encoding: "utf8" });

it("zips ten thousand small files and larger ones so that they unpack equal", async () => {
  await here(`mkdir t && cd t && for d in $(seq 1 100); do mkdir $d; for f in $(seq 1 100); do echo "$d $f" >$d/$f; done; done
    head -c 3000000 /dev/urandom >random && head -c 3000000 /dev/zero >zeros && head -c 262144 /dev/urandom >edge && head -c 262145 /dev/zero >edge1 && : >empty && chmod 755 edge`);
  const startedAt = performance.now();
  const { file, response } = await take({ path: `${folder}/t` });
  console.info(`10,000 files in ${Math.round(performance.now() - startedAt)} ms`);
  expect(response.headers.get("content-disposition")).toContain('filename="t.zip"');
  const at = unpack(file, "t");
  expect(same(at, join(folder, "t"))).toBe("");
  expect(tree(at)).toEqual(tree(join(folder, "t")));
  expect(execFileSync("unzip", ["-tq", file], { encoding: "utf8" })).toContain("No errors");
});

it.each(["zip", "tar"])("keeps names of every byte, and links as links, in a %s", async (format) => {
  const script = `mkdir t && cd t && i=1; while [ $i -le 255 ]; do [ $i = 47 ] || { n=$(printf '%b.' "x\\0$(printf %o $i)"); echo $i >"\${n%.}"; }; i=$((i+1)); done
    mkdir -p "$(printf 'long%0200d' 1)/$(printf 'name%0200d' 2)" && (cd long*/name* && echo deep >f) && ln -s /etc/passwd away && ln -s nowhere none && ln -s x1 near && touch -- "-rf"`;
  await here(script);
  const { file } = await take({ path: `${folder}/t`, format });
  const names = JSON.parse(
    execFileSync(
      "python3",
      [
        "-c",
        "import sys,json,zipfile,tarfile\nf=sys.argv[1]\nn=zipfile.ZipFile(f).infolist() if f.endswith('zip') else 0\nprint(json.dumps(len(n) if n else len(tarfile.open(f).getmembers())))",
        file,
      ],
      { encoding: "utf8" },
    ),
  );
  expect(names).toBeGreaterThan(260);
  const at = unpack(file, format === "zip" ? "t" : ".", true);
  expect([same(at, join(folder, "t")), tree(at)]).toEqual(["", tree(join(folder, "t"))]);
  const links = execFileSync("find", [".", "-type", "l", "-printf", "%P %l\\n"], { cwd: at, encoding: "utf8" });
  expect(links.trim().split("\n").toSorted()).toEqual(["away /etc/passwd", "near x1", "none nowhere"]);
  const bytes = readFileSync(file);
  for (let byte = 1; byte < 256; byte += 1) if (byte !== 47) expect(bytes.includes(Buffer.of(0x78, byte))).toBe(true);
  expect(bytes.includes("root:x:0")).toBe(false);
});

it.each(["zip", "tar"])(
  "takes just what was chosen as a %s, and names what it could not read in berth-errors.txt",
  async (format) => {
    await here(
      'mkdir a "b c" shut && echo 1 >a/f && echo 2 >"b c/f" && echo 3 >other && echo 4 >-rf && mkfifo a/pipe && echo s >secret && chmod 0 secret shut',
    );
    const { file } = await take({ names: "a/b c/-rf/secret/shut/missing", format });
    const at = unpack(file);
    expect(
      tree(at)
        .filter((line) => line !== "")
        .map((line) => line.split(/ [dfl] /)[0]),
    ).toEqual([
      ...["-rf", "a", "a/f"],
      ...(format === "tar" ? ["a/pipe p 644 "] : []),
      "b c",
      "b c/f",
      "berth-errors.txt",
    ]);
    const errors = readFileSync(join(at, "berth-errors.txt"), "utf8");
    // A pipe is something that a tar can hold.
    for (const name of ["secret", "shut", "missing", ...(format === "zip" ? ["a/pipe"] : [])])
      expect(errors).toContain(name);
  },
);

it.each(["zip", "tar"])(
  "breaks a %s off when the program that reads the files is ended",
  async (format) => {
    await here("mkdir big && truncate -s 20G big/sparse");
    const response = await askAs(alice, archive, { query: { cluster: "hpc", path: `${folder}/big`, format } });
    const reader = response.body?.getReader();
    await reader?.read();
    await onCluster("pkill -u alice -x tar");
    const readAll = async () => {
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read());
    };
    await expect(readAll()).rejects.toThrow();
  },
  60_000,
);

it("takes more than an address has room for, by a form of the portal's own pages", async () => {
  await here(
    'mkdir many && cd many && for i in $(seq 1 1200); do : >"a file with a rather long name of its own, $i"; done',
  );
  const names = (await here("ls many")).split("\n");
  const form = (paths: string[], more: Record<string, string> = {}) => {
    const fields = new URLSearchParams({ cluster: "hpc", format: "tar", ...more });
    for (const path of paths) fields.append("path", path);
    return new Uint8Array(Buffer.from(fields.toString()));
  };
  const send = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    askAs(alice, select, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });
  const chosen = names.slice(1).map((name) => `${folder}/many/${encodeTyped(name)}`);
  const response = await send(form(chosen));
  expect([response.status, response.headers.get("content-disposition")]).toEqual([
    200,
    expect.stringContaining('filename="many.tar"'),
  ]);
  const file = join(out, "many.tar");
  await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(file));
  const listed = execFileSync("tar", ["-tf", file], { encoding: "utf8" }).trimEnd().split("\n");
  expect(listed.toSorted()).toEqual(
    names
      .slice(1)
      .map((name) => `./${name}`)
      .toSorted(),
  );
  const wrong = [form([]), form([`${folder}/many`, `${folder}/many/x`]), form(["/"]), form([`${folder}/..`])];
  for (const body of wrong) expect((await send(body)).status).toBe(400);
  expect((await send(form(chosen), { "content-type": "text/plain" })).status).toBe(400);
  expect((await send(form(chosen), { "sec-fetch-site": "same-site" })).status).toBe(403);
  expect((await send(form(["/etc/passwd"]))).status).toBe(403);
}, 60_000);

it("E1 takes nothing from outside of the roots", async () => {
  await here("ln -s /etc away && echo x >f");
  const ask = (query: Record<string, string>) =>
    askAs(alice, archive, { query: { cluster: "hpc", path: folder, ...query } });
  const statuses = async (queries: Record<string, string>[]) =>
    Promise.all(queries.map(async (query) => (await ask(query)).status));
  expect(
    await statuses([
      { path: "/etc" },
      { path: `${folder}/away` },
      { path: "/" },
      { path: `${folder}/f` },
      { path: `${folder}/none` },
    ]),
  ).toEqual([403, 403, 403, 400, 404]);
  expect(
    await statuses([{ names: ".." }, { names: "a/%2e%2e" }, { names: "a%2Fb" }, { names: "/" }, { names: "a%00" }]),
  ).toEqual([400, 400, 400, 400, 400]);
});

it("E2 takes no byte from outside while folders are swapped with links", async () => {
  await here("mkdir -p w/a/etc && for i in $(seq 1 300); do mkdir w/a/$i; echo inside >w/a/$i/hostname; done");
  const swapping = here(
    "cd w && i=0; while [ $i -lt 300 ] && [ ! -e stop ]; do mv a b; ln -s /etc a; rm a; mv b a; i=$((i + 1)); done",
  );
  for (let times = 0; times < 6; times += 1) {
    const { file } = await take({ path: `${folder}/w` });
    const bytes = readFileSync(file);
    expect(bytes.includes("root:x:0")).toBe(false);
    expect(bytes.includes(readFileSync("/etc/hostname", "utf8"))).toBe(false);
  }
  await here("touch w/stop");
  await swapping;
});

it("streams at the reader's pace, in bounded memory, and ends on the cluster when the reader goes", async () => {
  await here("mkdir big && truncate -s 20G big/sparse");
  const response = await askAs(alice, archive, { query: { cluster: "hpc", path: `${folder}/big`, format: "zip" } });
  const reader = response.body?.getReader();
  const before = process.memoryUsage().rss;
  for (let times = 0; times < 200; times += 1) await reader?.read();
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  await reader?.cancel();
  await expect.poll(() => onCluster("pgrep -u alice -x tar | wc -l"), { timeout: 15_000 }).toBe("0");
});
