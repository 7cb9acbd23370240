// Unpacking archives on the real sshd of cluster/up: ordinary ones unpack equal, hostile ones write nothing outside.
import { rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { POST as act } from "@/app/api/files/actions/route";
import { useDatabase } from "@/dev/test-database";
import { askAs, linesOf, newFolder, onCluster } from "@/dev/test-files";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import type { ActionLine } from "@/lib/files/schema";

useDatabase();
let directory = "";
let alice: TestPerson;
let folder = "";

beforeAll(async () => {
  directory = useSlurm("~/berth-files-test");
  alice = await signInPerson("alice");
});
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => onCluster('chmod -R u+rwX "$1"; rm -rf -- "$1"', [folder]));
afterAll(async () => {
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
});

const here = (script: string) => onCluster(`cd "$1" && ${script}`, [folder]);
const python = (script: string) => onCluster('cd "$1" && exec python3 -c "$2"', [folder, script]);

async function extract(name: string, more = {}): Promise<{ to: string | null; failed: string[] }> {
  const json = { action: "extract", cluster: "hpc", path: `${folder}/${name}`, ...more };
  const lines = await linesOf<ActionLine>(await askAs(alice, act, { method: "POST", json }));
  expect(lines.at(-1)?.kind).toBe("end");
  const done = lines.find((line) => line.kind === "done");
  const failed = lines.flatMap((line) =>
    line.kind === "failed" ? [`${line.code} ${line.path.replace(`${folder}/`, "")} ${line.detail}`] : [],
  );
  return { to: done?.kind === "done" ? (done.to?.replace(`${folder}/`, "") ?? null) : null, failed };
}

const content = `mkdir t t/d "t/b c" && echo 1 >t/d/f && chmod 755 t/d/f && head -c 200000 /dev/urandom >"t/b c/r" && ln -s d/f t/l && ln -s ../d/f "t/b c/up"`;

it.each(["tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"])("unpacks a %s equal", async (kind) => {
  await here(`${content} && echo x >t/"$(printf "\\377\\n")" && ln t/d/f t/hard && tar -caf "a b.${kind}" -C t .`);
  expect(await extract(`a b.${kind}`)).toEqual({ to: "a b", failed: [] });
  expect(await here('diff -r --no-dereference t "a b" && stat -c %a "a b" "a b/d/f"')).toBe("755\n755");
  expect(await extract(`a b.${kind}`)).toEqual({ to: "a b (2)", failed: [] });
  expect((await extract(`a b.${kind}`, { to: `${folder}/t/d` })).to).toBe("t/d/a b");
});

it("unpacks a zip equal", async () => {
  await here(content);
  await python("import shutil; shutil.make_archive('a', 'zip', 't')");
  expect(await extract("a.zip")).toEqual({ to: "a", failed: [] });
  expect(await here("diff -r t a && ls -A")).toBe("a\na.zip\nt");
});

it("unpacks a tar whose last file is a zip as the tar that it is", async () => {
  await here("mkdir t && echo outer >t/a");
  await python("import zipfile; z = zipfile.ZipFile('t/z.zip', 'w'); z.writestr('inner', 'x'); z.close()");
  await here("tar -cf a.tar -C t a z.zip");
  expect(await extract("a.tar")).toEqual({ to: "a", failed: [] });
  expect(await here("diff -r t a && ls a")).toBe("a\nz.zip");
});

it("E5 writes nothing outside of the new folder, whatever entries are called, and says which it refused", async () => {
  await python(`
import io, tarfile, zipfile
z = zipfile.ZipFile("evil.zip", "w")
def put(name, mode=0o100644, data="evil"):
    i = zipfile.ZipInfo(name); i.external_attr = mode << 16; z.writestr(i, data)
put("good/f"); put("../escape"); put("/tmp/absolute-escape"); put("good/../../escape2")
put("link", 0o120777, ".."); put("link/through"); put("abs", 0o120777, "/etc"); put("in", 0o120777, "good/f"); put("in")
put("deep/l", 0o120777, "../../x"); put("chain", 0o120777, "good/../../x"); put("pipe", 0o010644, ""); put("..\\\\\\\\back")
z.close()
t = tarfile.open("evil.tar", "w")
def add(name, type=tarfile.REGTYPE, linkname="", data=b""):
    i = tarfile.TarInfo(name); i.type = type; i.linkname = linkname; i.size = len(data); i.mode = 0o4755; t.addfile(i, io.BytesIO(data))
add("good", data=b"g"); add("../escape", data=b"e"); add("/tmp/absolute-escape", data=b"e")
add("l", tarfile.SYMTYPE, "../.."); add("h", tarfile.LNKTYPE, "/etc/passwd"); add("h2", tarfile.LNKTYPE, "../../x"); add("dev", tarfile.CHRTYPE); add("p", tarfile.FIFOTYPE)
t.close()`);
  const zip = await extract("evil.zip");
  expect(zip.to).toBe("evil");
  const refused = (outcome: { failed: string[] }, archive: string) =>
    outcome.failed.map((line) => line.split(" ")[1]?.replace(`${archive}/`, "")).toSorted();
  expect(refused(zip, "evil.zip")).toEqual(
    [
      "../escape",
      "/tmp/absolute-escape",
      "abs",
      "chain",
      "deep/l",
      "good/../../escape2",
      "in",
      "link",
      "pipe",
    ].toSorted(),
  );
  expect(await here("rm -rf evil; ls -A")).toBe("evil.tar\nevil.zip");
  const tar = await extract("evil.tar");
  expect(refused(tar, "evil.tar")).toEqual(
    ["../escape", "/tmp/absolute-escape", "dev", "h", "h2", "l", "p"].toSorted(),
  );
  expect(await here("ls -A evil; stat -c %a evil/good; ls -A; ls /tmp/absolute-escape 2>/dev/null; :")).toBe(
    "good\n755\nevil\nevil.tar\nevil.zip",
  );
});

it("E5 keeps nothing of a bomb, however small it says it is", async () => {
  await python(`
import zipfile
z = zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED)
with z.open("zeros", "w", force_zip64=True) as f:
    for _ in range(300): f.write(bytes(1 << 20))
z.close()`);
  await here("mkdir d && truncate -s 400M d/z && tar -czf b2.tgz d && rm -r d");
  for (const name of ["bomb.zip", "b2.tgz"]) {
    const { to, failed } = await extract(name);
    expect([to, failed.length, failed[0]?.startsWith("denied")]).toEqual([null, 1, true]);
  }
  config().files.maxExtractGiB = 0.0001;
  await here("mkdir s && head -c 2000000 /dev/urandom >s/r && tar -cf s.tar s");
  expect((await extract("s.tar")).failed).toHaveLength(1);
  config().files.maxExtractGiB = 100;
  expect(await here("find . -name '.berth*' -o -type d ! -name . ! -name s")).toBe("");
});

it("says what is no archive", async () => {
  await here("echo no >a.zip && echo no >b.tar.gz && echo x >c.txt");
  expect((await extract("a.zip")).failed).toHaveLength(1);
  expect((await extract("b.tar.gz")).failed).toHaveLength(1);
  const json = { action: "extract", cluster: "hpc", path: `${folder}/c.txt` };
  expect((await askAs(alice, act, { method: "POST", json })).status).toBe(400);
});

it("E4 unpacks nothing into a hidden folder, nor to a hidden name, unless that was said", async () => {
  await here("mkdir t .config && echo 1 >t/f && tar -cf a.tar -C t . && cp a.tar .b.tar && mv a.tar .config");
  const json = { action: "extract", cluster: "hpc" };
  for (const path of [".config/a.tar", ".b.tar"]) {
    const wish = { ...json, path: `${folder}/${path}` };
    expect([path, (await askAs(alice, act, { method: "POST", json: wish })).status]).toEqual([path, 422]);
  }
  expect(await here("ls -A . .config")).toBe(".:\n.b.tar\n.config\nt\n\n.config:\na.tar");
  expect((await extract(".config/a.tar", { confirm: true })).to).toBe(".config/a");
  expect((await extract(".b.tar", { confirm: true })).to).toBe(".b");
});
