import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, expect, it, vi } from "vitest";
import { testFolder } from "@/dev/test-folder";
import { EXTRACT, PYTHON } from "@/lib/files/extract-script";
import { scriptArgv } from "@/lib/files/script";

let top = "";
const at = (name: string) => join(top, name);

beforeEach(() => {
  top = realpathSync(testFolder("extract"));
});

function run(command: string, args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { cwd: top });
  expect(status, stderr.toString()).toBe(0);
}

/** Unpacks into "new": the exit code, what was said of what, and the names that are there afterwards. */
function extract(name: string) {
  const args = [top, "new", "0123", 1e9, 100, PYTHON, "no"];
  const [command = "", ...more] = scriptArgv(EXTRACT, [top], args);
  const { stdout } = spawnSync(command, more, { input: `${top} ${name}\n` });
  const fields = stdout.toString().split("\0").slice(0, -1);
  const records = Array.from({ length: fields.length / 4 }, (_, index) => fields.slice(index * 4, index * 4 + 4));
  const code = Number(records.find(([kind]) => kind === "r")?.[2]);
  const said = records.flatMap(([kind, , first = "", words]) =>
    kind === "x" || kind === "r" ? `${first} ${words}` : [],
  );
  const there = existsSync(at("new")) ? readdirSync(at("new")).toSorted() : null;
  expect(readdirSync(top).filter((one) => one.startsWith(".berth"))).toEqual([]);
  return { code, said, there };
}

/** A tar of three files of 2000 bytes, each with a header of 512 and padded to 2560. */
function tar(): Buffer {
  mkdirSync(at("t"));
  for (const name of ["a", "b", "c"]) writeFileSync(at(`t/${name}`), name.repeat(2000));
  run("tar", ["-cf", "t.tar", "-C", "t", "a", "b", "c"]);
  return readFileSync(at("t.tar"));
}

it("a whole tar is unpacked, with or without compression", () => {
  const whole = tar();
  writeFileSync(at("t.tgz"), gzipSync(whole));
  expect(extract("t.tar")).toEqual({ code: 0, said: ["0 "], there: ["a", "b", "c"] });
  rmSync(at("new"), { recursive: true });
  expect(extract("t.tgz").code).toBe(0);
});

it("an archive is unpacked beside what has its name, and replaces nothing", () => {
  tar();
  mkdirSync(at("new"));
  expect(extract("t.tar")).toEqual({ code: 0, said: ["0 "], there: [] });
  expect(extract("t.tar").code).toBe(0);
  expect([2, 3].map((number) => readdirSync(at(`new (${number})`)).toSorted())).toEqual(Array(2).fill(["a", "b", "c"]));
});

it("of a tar with more after its end all is kept, and that there is more is said", () => {
  writeFileSync(at("more.tar"), Buffer.concat([tar(), Buffer.alloc(512, "x")]));
  const { code, said, there } = extract("more.tar");
  expect([code, there]).toEqual([0, ["a", "b", "c"]]);
  expect(said[0]).toContain("after the end of the archive");
});

const damages: [string, (whole: Buffer) => Buffer][] = [
  ["cut off between two files", (whole) => whole.subarray(0, 2560)],
  ["cut off in a file", (whole) => whole.subarray(0, 4000)],
  ["cut off in a header", (whole) => whole.subarray(0, 2560 + 100)],
  [
    "with a header that is none",
    (whole) => Buffer.concat([whole.subarray(0, 2560), Buffer.alloc(512, 1), whole.subarray(3072)]),
  ],
  [
    "with zeros instead of a header",
    (whole) => Buffer.concat([whole.subarray(0, 2560), Buffer.alloc(512), whole.subarray(3072)]),
  ],
  [
    "compressed and with a wrong sum",
    (whole) => {
      const packed = gzipSync(whole);
      packed.writeUInt32LE(1, packed.length - 8);
      expect(() => gunzipSync(packed)).toThrow();
      return packed;
    },
  ],
];

it.each(damages)("of a tar %s nothing is kept, and that is said", (_, damage) => {
  writeFileSync(at("bad.tar"), damage(tar()));
  const { code, said, there } = extract("bad.tar");
  expect([code, there]).toEqual([28, null]);
  expect(said.join()).toMatch(/no archive that can be read|CRC/);
});

it("of an xz that is damaged nothing is kept, and that is said in a sentence", () => {
  const make = `
import io, lzma, os, tarfile
t = tarfile.open("t.tar", "w"); i = tarfile.TarInfo("a"); i.size = 2000000; t.addfile(i, io.BytesIO(os.urandom(i.size))); t.close()
d = bytearray(lzma.compress(open("t.tar", "rb").read())); d[1000000:1900000] = bytes(900000)
open("bad.tar.xz", "wb").write(d)`;
  run("python3", ["-c", make]);
  const { code, said, there } = extract("bad.tar.xz");
  expect([code, there]).toEqual([28, null]);
  expect(said.join()).not.toContain("Traceback");
});

it("of a zip a file with a wrong sum is left out and named, the others are there", () => {
  const make = `
import zipfile
z = zipfile.ZipFile("z.zip", "w")
for name in ("good", "bad"): z.writestr(name, name.encode() * 400000)
z.close()
d = bytearray(open("z.zip", "rb").read()); d[d.index(b"badbad") + 10] = 0; open("z.zip", "wb").write(d)`;
  run("python3", ["-c", make]);
  const { code, said, there } = extract("z.zip");
  expect([code, there]).toEqual([0, ["good"]]);
  expect(said[0]).toMatch(/^bad .*CRC/);
});

it.each(["DEFLATED", "BZIP2", "LZMA"])("of a zip (%s) a file whose content is damaged is left out and named", (how) => {
  const make = `
import os, zipfile
z = zipfile.ZipFile("z.zip", "w", zipfile.ZIP_${how})
for name in ("bad", "good"): z.writestr(name, os.urandom(100000).hex())
z.close()
d = bytearray(open("z.zip", "rb").read()); d[60:40000] = bytes([255]) * 39940; open("z.zip", "wb").write(d)`;
  run("python3", ["-c", make]);
  const { code, said, there } = extract("z.zip");
  expect([code, there]).toEqual([0, ["good"]]);
  expect(said[0]).toMatch(/^bad It is damaged/);
});

it("where there is no room for the new folder nothing is left behind", () => {
  tar();
  mkdirSync(at("bin"));
  // As a quota would, after one folder.
  const script = '#!/bin/sh\ncase "$*" in */in) exit 1 ;; esac\nexec /bin/mkdir "$@"\n';
  writeFileSync(at("bin/mkdir"), script, { mode: 0o755 });
  vi.stubEnv("PATH", `${at("bin")}:${process.env.PATH}`);
  expect(extract("t.tar")).toMatchObject({ code: 28, there: null });
  vi.unstubAllEnvs();
});

it("hard links of a tar lead to what was unpacked, and nothing behind them is lost", () => {
  mkdirSync(at("t"));
  for (const name of ["a", "b", "c", "d"]) writeFileSync(at(`t/${name}`), name);
  linkSync(at("t/a"), at("t/h"));
  run("tar", ["-cf", "t.tar", "-C", "t", "a", "h", "b", "c", "d"]);
  expect(extract("t.tar")).toEqual({ code: 0, said: ["0 "], there: ["a", "b", "c", "d", "h"] });
  expect(statSync(at("new/h")).ino).toBe(statSync(at("new/a")).ino);
  run("tar", ["--delete", "-f", "t.tar", "a"]);
  rmSync(at("new"), { recursive: true });
  expect(extract("t.tar")).toMatchObject({ said: [expect.stringContaining("h It is a hard link"), "0 "] });
});

it("a hard link to a symbolic link is one, and an empty tar an empty folder", () => {
  mkdirSync(at("t"));
  writeFileSync(at("t/a"), "a");
  symlinkSync("a", at("t/l"));
  run("python3", ["-c", 'import os; os.link("t/l", "t/second", follow_symlinks=False)']);
  run("tar", ["-cf", "t.tar", "-C", "t", "a", "l", "second"]);
  expect(extract("t.tar")).toEqual({ code: 0, said: ["0 "], there: ["a", "l", "second"] });
  expect(readlinkSync(at("new/second"))).toBe("a");
  rmSync(at("new"), { recursive: true });
  writeFileSync(at("empty.tar"), Buffer.alloc(10_240));
  expect(extract("empty.tar")).toEqual({ code: 0, said: ["0 "], there: [] });
});

it("of a name that a tar has twice the newer file is kept", () => {
  writeFileSync(at("a"), "older");
  run("tar", ["-cf", "t.tar", "a"]);
  writeFileSync(at("a"), "newer");
  run("tar", ["-rf", "t.tar", "a"]);
  expect(extract("t.tar")).toEqual({ code: 0, said: ["0 "], there: ["a"] });
  expect(readFileSync(at("new/a"), "utf8")).toBe("newer");
});

it.each(["tar", "zip"])("a folder that was closed to others is so when it comes out of a %s", (kind) => {
  mkdirSync(at("t/p/in"), { recursive: true });
  writeFileSync(at("t/p/in/f"), "x");
  chmodSync(at("t/p"), 0o700);
  chmodSync(at("t/p/in"), 0o555);
  if (kind === "tar") run("tar", ["-cf", "a.tar", "-C", "t", "."]);
  else run("python3", ["-c", "import shutil; shutil.make_archive('a', 'zip', 't')"]);
  expect(extract(`a.${kind}`)).toMatchObject({ code: 0, there: ["p"] });
  expect([statSync(at("new/p")).mode & 0o777, statSync(at("new/p/in")).mode & 0o777]).toEqual([0o700, 0o755]);
  expect(readFileSync(at("new/p/in/f"), "utf8")).toBe("x");
});

it("a file out of a zip has the time that is told beside the old date, whatever the time zone is here", () => {
  const make = `
import struct, zipfile
z = zipfile.ZipFile("z.zip", "w"); i = zipfile.ZipInfo("f", (2026, 1, 2, 3, 4, 6)); i.extra = struct.pack("<HHBl", 0x5455, 5, 1, 1234567890)
z.writestr(i, "x"); z.close()`;
  run("python3", ["-c", make]);
  vi.stubEnv("TZ", "Asia/Kathmandu");
  expect(extract("z.zip").code).toBe(0);
  vi.unstubAllEnvs();
  expect(statSync(at("new/f")).mtimeMs).toBe(1_234_567_890_000);
});

/** Every Python of this machine. From 3.12 on they read by themselves what a zip says beside a name. */
const pythons = ["/usr/bin/python3", ...globSync(join(homedir(), ".pyenv/versions/*/bin/python3"))].filter(
  (command) => spawnSync(command, ["-c", "import zipfile"]).status === 0,
);

it.each(pythons)("names that a zip has in old bytes, and beside them in Unicode, are taken by %s", (python) => {
  const make = String.raw`
import struct, zipfile, zlib
class Old(zipfile.ZipInfo):
    def _encodeFilenameFlags(self): return self.filename.encode("cp437"), 0
z = zipfile.ZipFile("z.zip", "w")
for old, new in (("caf\xe9", "caf\xe9"), ("__", "\u65e5\u672c"), ("plain", "plain"), ("alone\xe9", "")):
    entry = Old(old); raw = old.encode("cp437")
    extra = struct.pack("<BL", 1, zlib.crc32(raw)) + new.encode()
    if new: entry.extra = struct.pack("<HH", 0x7075, len(extra)) + extra
    z.writestr(entry, "x")
z.writestr("\xfc", "x")
z.close()`;
  run("python3", ["-c", make]);
  mkdirSync(at("bin"));
  symlinkSync(python, at("bin/python3"));
  vi.stubEnv("PATH", `${at("bin")}:${process.env.PATH}`);
  const { code, said } = extract("z.zip");
  vi.unstubAllEnvs();
  expect([code, said]).toEqual([0, ["0 "]]);
  const names = readdirSync(at("new"), "latin1").toSorted();
  const utf8 = (name: string) => Buffer.from(name).toString("latin1");
  expect(names).toEqual([utf8("caf\xe9"), utf8("\u65e5\u672c"), "plain", "alone\x82", utf8("\xfc")].toSorted());
});
