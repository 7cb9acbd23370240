import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { testFolder } from "@/dev/test-folder";
import { EXTRACT, PYTHON } from "@/lib/files/extract-script";
import { scriptArgv } from "@/lib/files/script";
import { FINISH, LENGTH, MAKE, REMOVE, SHOT, WRITE } from "@/lib/files/upload-scripts";

let top = "";
const at = (name: string) => join(top, name);

beforeEach(() => {
  top = realpathSync(testFolder("upload"));
});

function run(argv: string[], input: string, expected: number | null = 0): void {
  const withMask = ["/bin/sh", "-c", 'umask 027; PATH=$0/bin:$PATH exec "$@"', top, ...argv];
  const { status, stderr } = spawnSync(withMask[0] ?? "", withMask.slice(1), { input, cwd: top });
  expect(status, stderr.toString()).toBe(expected);
}

/** Something else is done in place of that program, or before it: what the file system or somebody else would do just then. */
function instead(program: string, script: string): void {
  mkdirSync(at("bin"), { recursive: true });
  writeFileSync(at(`bin/${program}`), `#!/bin/sh\nreal() { exec /usr/bin/${program} "$@"; }\n${script}\n`, {
    mode: 0o755,
  });
}

/** An upload in pieces, up to its name. */
function bring(name: string, end: { overwrite?: "yes" | "no"; code?: number | null } = {}): void {
  const { overwrite = "no", code = 0 } = end;
  run(scriptArgv(MAKE, [top], [top, name, "0123", overwrite, "no"]), "");
  run(scriptArgv(WRITE, [top], [top, "0123", 0]), "new");
  run(scriptArgv(FINISH, [top], [top, "0123", name, 3, overwrite]), "", code);
}

function upload(name: string, overwrite: "yes" | "no" = "no"): string {
  run(scriptArgv(SHOT, [top], [3, top, name, "0123", overwrite, "no"]), "new");
  expect(readFileSync(at(name), "utf8")).toBe("new");
  expect(readdirSync(top).filter((one) => one.startsWith(".berth"))).toEqual([]);
  return modeOf(name);
}

const modeOf = (name: string): string => (statSync(at(name)).mode & 0o7777).toString(8);

// As setfacl(1) would, which few machines have: the owner, user 12345, the group, the mask, all others.
const SET_LIST = `
import os, struct, sys
entries = [(1, 7, -1), (2, 7, 12345), (4, 5, -1), (16, 7, -1), (32, 0, -1)]
value = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *one) for one in entries)
os.setxattr(sys.argv[2], "system.posix_acl_" + sys.argv[1], value)`;
const GET_LIST = `
import os, struct, sys
print(*["%d:%d" % struct.unpack_from("<HH", os.getxattr(sys.argv[1], "system.posix_acl_access"), 4 + 8 * i) for i in range(5)])`;

const python = (script: string, ...args: string[]) => spawnSync("python3", ["-c", script, ...args], { cwd: top });
const listOf = (name: string): string => python(GET_LIST, at(name)).stdout.toString().trim();

/** Whether the folder's new files are now given a list by it. */
const canList = (() => {
  const folder = mkdtempSync(join(tmpdir(), "berth-list-"));
  const { status } = spawnSync("python3", ["-c", SET_LIST, "default", folder]);
  rmSync(folder, { recursive: true });
  return status === 0;
})();

it("an uploaded file has the rights that the umask gives", () => {
  expect(upload("a")).toBe("640");
});

it.runIf(canList)(
  "where the folder has an access list for new files, an uploaded and an unpacked file has that",
  () => {
    writeFileSync(at("a"), "x");
    chmodSync(at("a"), 0o755);
    expect(spawnSync("tar", ["-cf", "t.tar", "a"], { cwd: top }).status).toBe(0);
    expect(python(SET_LIST, "default", top).status).toBe(0);
    upload("b");
    // What of the list holds is bounded by the mask (16): reading and writing.
    expect(listOf("b")).toBe("1:6 2:7 4:5 16:6 32:0");
    run(scriptArgv(EXTRACT, [top], [top, "new", "0123", 1e9, 100, PYTHON, "no"]), `${top} t.tar\n`);
    expect(listOf("new")).toBe("1:7 2:7 4:5 16:7 32:0");
    expect(listOf("new/a")).toBe("1:7 2:7 4:5 16:5 32:0");
  },
);

it("a file that replaces another has its mode", () => {
  writeFileSync(at("a"), "old");
  chmodSync(at("a"), 0o604);
  expect(upload("a", "yes")).toBe("604");
});

it.runIf(canList)("a file that replaces another has its access list", () => {
  writeFileSync(at("a"), "old");
  expect(python(SET_LIST, "access", at("a")).status).toBe(0);
  upload("a", "yes");
  expect(listOf("a")).toBe("1:7 2:7 4:5 16:7 32:0");
});

// What another process does, that gives the upload its name and with that the rights.
const QUICKER = "python3 list.py access .berth-upload-0123; mv -fT .berth-upload-0123 a";
it.runIf(canList).each([
  ["while it is put on disk", () => instead("sync", QUICKER)],
  [
    "right before that is opened",
    () => {
      instead("sync", "touch synced");
      instead("stat", `[ "$*" = "-c %d:%i -" ] && [ -e synced ] && { rm synced; ${QUICKER}; }; real "$@"`);
    },
  ],
])("what another process puts in a file's place %s keeps the access list", (_, begin) => {
  writeFileSync(at("a"), "old");
  writeFileSync(at("list.py"), SET_LIST);
  instead("setfacl", `python3 -c 'import os, sys; os.removexattr(sys.argv[3], "system.posix_acl_access")' "$@"`);
  begin();
  bring("a", { overwrite: "yes" });
  expect(readFileSync(at("a"), "utf8")).toBe("new");
  expect(listOf("a")).toBe("1:7 2:7 4:5 16:7 32:0");
});

const other = process.getgroups?.().find((group) => group !== process.getgid?.());
it.runIf(other !== undefined || process.getuid?.() === 0)("a file that replaces another has its group", () => {
  const group = other ?? 12345;
  writeFileSync(at("a"), "old");
  chownSync(at("a"), -1, group);
  upload("a", "yes");
  expect(statSync(at("a")).gid).toBe(group);
});

it("nobody else makes what tells the rights of a new file", () => {
  mkdirSync(at(".berth-upload-0123-new"));
  chmodSync(at(".berth-upload-0123-new"), 0o6777);
  bring("a");
  expect(modeOf("a")).toBe("640");
});

it("what takes the hidden file's place while it is put on disk gets no rights by that", () => {
  writeFileSync(at("bashrc"), "x");
  chmodSync(at("bashrc"), 0o600);
  instead("sync", 'mv .berth-upload-0123 away; ln -s bashrc .berth-upload-0123; real "$@"');
  bring("a", { code: 22 });
  expect(modeOf("bashrc")).toBe("600");
});

it("an upload that another process gives its name meanwhile is done", () => {
  instead("sync", 'chmod 640 .berth-upload-0123; ln -T .berth-upload-0123 a && rm .berth-upload-0123; real "$@"');
  bring("a");
  expect(readFileSync(at("a"), "utf8")).toBe("new");
  expect(modeOf("a")).toBe("640");
});

it.each([
  ["finished", () => run(scriptArgv(FINISH, [top], [top, "0123", "a", 3, "no"]), "")],
  ["given up", () => run(scriptArgv(REMOVE, [top], [top, "0123", "a"]), "")],
])("an upload whose end was broken off once it had its name can be %s", (_, end) => {
  instead("rm", 'case "$*" in *berth-upload*) kill -9 $PPID ;; *) real "$@" ;; esac');
  bring("a", { code: null });
  rmSync(at("bin"), { recursive: true });
  run(scriptArgv(LENGTH, [top], [top, "0123", "a"]), "");
  end();
  expect(readdirSync(top)).toEqual(["a"]);
  expect(readFileSync(at("a"), "utf8")).toBe("new");
});

it("a file of somebody's own that also has the name of an upload is none", () => {
  writeFileSync(at("b"), "old");
  linkSync(at("b"), at(".berth-upload-0123"));
  run(scriptArgv(FINISH, [top], [top, "0123", "a", 3, "yes"]), "", 22);
  expect(readdirSync(top).toSorted()).toEqual([".berth-upload-0123", "b"]);
});

it("no program runs with somebody's rights because of what was replaced", () => {
  writeFileSync(at("a"), "old");
  chmodSync(at("a"), 0o4755);
  expect(upload("a", "yes")).toBe("755");
});

it.runIf(process.getuid?.() === 0)("rights that somebody else gave are not for what replaces their file", () => {
  writeFileSync(at("a"), "old");
  chownSync(at("a"), 12345, 12345);
  chmodSync(at("a"), 0o6777);
  expect(upload("a", "yes")).toBe("640");
});

it.runIf(other !== undefined || process.getuid?.() === 0)("what was for a file's group is not for another one", () => {
  writeFileSync(at("a"), "old");
  chownSync(at("a"), -1, other ?? 12345);
  chmodSync(at("a"), 0o664);
  // As where the person is not in that group any more.
  instead("chgrp", "exit 1");
  expect(upload("a", "yes")).toBe("604");
});

it("files come also where no rights can be set", () => {
  instead("chmod", "echo refused >&2; exit 1");
  expect(upload("a")).toBe("600");
});

it("files come also where every file is one to run, and that cannot be changed", () => {
  instead("chmod", "echo refused >&2; exit 1");
  instead("stat", 'case "$*" in "-c %a -") echo 770 ;; *) real "$@" ;; esac');
  upload("a");
});

it("a file has the umask's rights also where there is no room for one that would tell them", () => {
  instead("mktemp", "exit 1");
  expect(upload("a")).toBe("640");
});

it("a small file whose upload was done but not heard of is no conflict, and another one of its name is", () => {
  upload("a");
  upload("a");
  writeFileSync(at("a"), "old");
  run(scriptArgv(SHOT, [top], [3, top, "a", "0123", "no", "no"]), "new", 24);
  expect(readFileSync(at("a"), "utf8")).toBe("old");
});

it.runIf(process.getuid?.() === 0)("a small file is not done because somebody else has the same", () => {
  writeFileSync(at("a"), "new");
  chownSync(at("a"), 12345, 12345);
  run(scriptArgv(SHOT, [top], [3, top, "a", "0123", "no", "no"]), "new", 24);
});

it("a name that the file system refuses is no conflict, and its words are told", () => {
  for (const program of ["ln", "mv"]) instead(program, `echo "${program}: cannot: Invalid argument" >&2; exit 1`);
  bring("a", { code: 28 });
  // It waits for another name.
  expect(readdirSync(top).toSorted()).toEqual([".berth-upload-0123", "bin"]);
  rmSync(at(".berth-upload-0123"));
  run(scriptArgv(SHOT, [top], [3, top, "b", "0123", "no", "no"]), "new", 28);
  expect(readdirSync(top)).toEqual(["bin"]);
});
