// Where copies and moves go, on the real sshd of cluster/up: hidden folders, groups, access lists, what cannot be read.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { POST as act } from "@/app/api/files/actions/route";
import { useDatabase } from "@/dev/test-database";
import { askAs, linesOf, newFolder, onCluster, outcomesOf, withSmallDisk } from "@/dev/test-files";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
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

const ask = (wish: Record<string, unknown>, signal?: AbortSignal) =>
  askAs(alice, act, { method: "POST", json: { cluster: "hpc", ...wish }, signal });
const at = (name: string) => `${folder}/${name}`;
const here = (script: string) => onCluster(`cd "$1" && ${script}`, [folder]);

const outcomes = async (wish: Record<string, unknown>) => outcomesOf(await ask(wish), folder);

/** One entry of an access list: tag, permissions, whose. */
const entry = (tag: number, permissions: number, id = 0xffffffff) => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(permissions, 2);
  bytes.writeUInt32LE(id, 4);
  return bytes;
};

it("E4 puts nothing into a hidden folder, nor anything of a hidden name, unless that was said", async () => {
  await here("mkdir .ssh to && ln -s .ssh shown && echo key >authorized_keys && echo x >.ssh/old && echo rc >.rc");
  const keys = { paths: [at("authorized_keys")] };
  for (const action of ["copy", "move"]) {
    for (const to of [".ssh", "shown"]) expect((await ask({ action, ...keys, to: at(to) })).status).toBe(422);
    expect((await ask({ action, paths: [at(".rc")], to: at("to") })).status).toBe(422);
  }
  const named = { action: "rename", path: at(".ssh/old"), name: "authorized_keys" };
  expect(await outcomes(named)).toEqual({ ".ssh/old": "denied" });
  for (const action of ["folder", "file"])
    expect(await outcomes({ action, path: at("shown/x") })).toEqual({ "shown/x": "denied" });
  expect(await here("ls -A . .ssh to")).toBe(".:\n.rc\n.ssh\nauthorized_keys\nshown\nto\n\n.ssh:\nold\n\nto:");
  const confirm = true;
  expect(await outcomes({ ...named, confirm })).toEqual({ ".ssh/old": ".ssh/authorized_keys" });
  const over = { action: "move", ...keys, to: at("shown"), overwrite: true, confirm };
  expect(await outcomes(over)).toEqual({ authorized_keys: ".ssh/authorized_keys" });
  expect(await outcomes({ action: "copy", paths: [at(".rc")], to: at("to"), confirm })).toEqual({ ".rc": "to/.rc" });
  expect(await here("cat .ssh/authorized_keys to/.rc")).toBe("key\nrc");
});

it("copies what it can read of a folder, says what it cannot, and gives all to the group of the new place", async () => {
  await here(
    "mkdir -p d/shut d/in team && echo x >d/in/f && echo s >d/secret && chmod 0 d/secret d/shut && chmod 750 d",
  );
  execFileSync("chgrp", ["daemon", `${folder}/team`]);
  execFileSync("chmod", ["2775", `${folder}/team`]);
  const copied = await linesOf<ActionLine>(await ask({ action: "copy", paths: [at("d")], to: at("team") }));
  const isLeft = (name: string) => ({
    ...{ kind: "failed", path: at("d"), code: "forbidden", words: expect.stringContaining(name) },
  });
  expect(copied.filter(({ kind }) => kind === "failed")).toHaveLength(2);
  expect(copied).toEqual(
    expect.arrayContaining([isLeft("d/secret"), isLeft("d/shut")].map((one) => expect.objectContaining(one))),
  );
  expect(copied.at(-2)).toMatchObject({ kind: "done", path: at("d"), to: at("team/d") });
  expect(await here("cd team && find . -path './*' -printf '%P %g %m\n' | sort")).toBe(
    "d daemon 2750\nd/in daemon 2755\nd/in/f daemon 644\nd/shut daemon 0",
  );
  expect(await outcomes({ action: "copy", paths: [at("d/secret"), at("d/shut")], to: at("team") })).toEqual({
    ...{ "d/secret": "forbidden", "d/shut": "forbidden" },
  });
  expect(await here("ls -A team")).toBe("d");
  // Sixty of them: the first fifty are named, and that there are more is said.
  await here("mkdir many && for i in $(seq 60); do echo x >many/$i; done && chmod 0 many/? many/?? && echo y >many/y");
  const many = await linesOf<ActionLine>(await ask({ action: "copy", paths: [at("many")], to: at("team") }));
  const left = many.filter(({ kind }) => kind === "failed");
  expect(left).toHaveLength(51);
  expect(left.at(-1)).toMatchObject({ words: "more than these could not be read" });
  expect(await here("ls -A team/many")).toBe("y");
});

it("keeps a copy whatever the names in it say of an error", async () => {
  const names = "error -a 'x: No space left on device' 'Disk quota exceeded'";
  await here(`mkdir -p d/n to && cd d && touch ./n/ok -- "error a" ${names} && chmod 0 -- "error a" ${names}`);
  const copied = await linesOf<ActionLine>(await ask({ action: "copy", paths: [at("d")], to: at("to") }));
  expect(copied.at(-2)).toMatchObject({ kind: "done", to: at("to/d") });
  expect(await here("cd to/d && find . -type f")).toBe("./n/ok");
});

it("keeps no copy of a folder in which a file may be there in part", async () => {
  await withSmallDisk(folder, 300, async (disk) => {
    await here("mkdir d && echo s >d/a && chmod 0 d/a && head -c 500000 /dev/zero >d/big");
    expect(await outcomes({ action: "copy", paths: [at("d")], to: disk })).toEqual({ d: "denied" });
    expect(await here("ls -A disk")).toBe("filler");
  });
});

it("moves to a file system that knows no access lists, with the modes, and only if all could be read", async () => {
  await here("mkdir -p disk d/in && echo x >d/in/f && echo y >g && chmod 640 d/in/f g && chmod 750 d/in");
  const disk = `${folder}/disk`;
  execFileSync("mount", ["-t", "ramfs", "ramfs", disk]);
  try {
    execFileSync("chown", ["alice:alice", disk]);
    // user::rwx, user:bob:r--, group::r--, mask::r--, other::---, as the kernel keeps it.
    const list = [2, 0, 0, 0, ...entry(1, 6), ...entry(2, 4, 1002), ...entry(4, 4), ...entry(16, 4), ...entry(32, 0)];
    const give =
      'import os,sys; [os.setxattr(at, "system.posix_acl_access", bytes.fromhex(sys.argv[1])) for at in sys.argv[2:]]';
    const at2 = ["d/in/f", "g"].map((name) => `${folder}/${name}`);
    execFileSync("python3", ["-c", give, Buffer.from(list).toString("hex"), ...at2]);
    expect(await outcomes({ action: "move", paths: [at("d"), at("g")], to: disk })).toEqual({
      d: "disk/d",
      g: "disk/g",
    });
    expect(await here("ls -A && cd disk && find . -path './*' -printf '%P %m\n' | sort")).toBe(
      "disk\nd 755\nd/in 750\nd/in/f 640\ng 640",
    );
    await here("mkdir -p e && echo x >e/f && chmod 0 e/f");
    expect(await outcomes({ action: "move", paths: [at("e")], to: disk })).toEqual({ e: "forbidden" });
    expect(await here("ls -A . e disk")).toBe(".:\ndisk\ne\n\ndisk:\nd\ng\n\ne:\nf");
  } finally {
    execFileSync("umount", ["--lazy", disk]);
  }
});
