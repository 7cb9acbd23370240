// Actions on files on the real sshd of cluster/up: outcomes per path, nothing replaced unasked, the trash, cancelling.
import { rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { POST as act } from "@/app/api/files/actions/route";
import { GET as roots } from "@/app/api/files/roots/route";
import { GET as trash } from "@/app/api/files/trash/route";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { askAs, linesOf, newFolder, onCluster, outcomesOf, withSmallDisk } from "@/dev/test-files";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import type { ActionLine, TrashItem } from "@/lib/files/schema";

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

/** As the API writes them. */
const names = ["a b", "-rf", "%27%22%24%28id%29%60", "%0A", "%FF%FE", "~", "%2A"];

it("makes folders and files of any name, and none that is there", async () => {
  for (const name of names) {
    expect(await outcomes({ action: "folder", path: at(name) })).toEqual({ [name]: name });
    expect(await outcomes({ action: "file", path: at(`${name}/x`) })).toEqual({ [`${name}/x`]: `${name}/x` });
    expect(await outcomes({ action: "file", path: at(`${name}/x`) })).toEqual({ [`${name}/x`]: "conflict" });
    expect(await outcomes({ action: "folder", path: at(name) })).toEqual({ [name]: "conflict" });
  }
  expect(await here("find . -type f | grep -c x$")).toBe(String(names.length));
  expect((await ask({ action: "folder", path: at(".ssh") })).status).toBe(422);
  expect(await outcomes({ action: "folder", path: at(".ssh"), confirm: true })).toEqual({ ".ssh": ".ssh" });
  expect((await ask({ action: "folder", path: at("x".repeat(256)) })).status).toBe(400);
});

it("renames, moves and copies with every name, and keeps what is inside", async () => {
  for (const name of names) await outcomes({ action: "folder", path: at(name) });
  await here('for d in *; do echo "in" >"./$d/f"; ln -s f "./$d/l"; chmod 750 "./$d"; done; mkdir to copies');
  const all = names.map(at);
  expect(await outcomes({ action: "copy", paths: all, to: at("copies") })).toEqual(
    Object.fromEntries(names.map((name) => [name, `copies/${name}`])),
  );
  expect(await outcomes({ action: "move", paths: all, to: at("to") })).toEqual(
    Object.fromEntries(names.map((name) => [name, `to/${name}`])),
  );
  expect(await here("diff -r to copies && ls")).toBe("copies\nto");
  expect(await here('stat -c "%a %F" "copies/a b" "copies/a b/l"')).toBe("750 directory\n777 symbolic link");
  for (const name of names) {
    expect(await outcomes({ action: "rename", path: at(`to/${name}`), name: `${name}2` })).toEqual({
      [`to/${name}`]: `to/${name}2`,
    });
  }
  expect(await here("ls to | grep -c 2$")).toBe(String(names.length));
});

it("replaces a file only when that was said, and a folder never", async () => {
  await here("mkdir to to/d d && echo old >to/f && echo new >f && echo g >g");
  const wish = { paths: ["f", "d", "g", "missing"].map(at), to: at("to") };
  const expected = { f: "conflict", d: "denied", g: "to/g", missing: "not_found" };
  expect(await outcomes({ action: "copy", ...wish })).toEqual(expected);
  expect(await here("cat to/f")).toBe("old");
  expect(await outcomes({ action: "move", ...wish, overwrite: true })).toEqual({ ...expected, f: "to/f", g: "to/g" });
  expect(await here("cat to/f")).toBe("new");
  await here("echo a >a && echo b >b");
  expect(await outcomes({ action: "rename", path: at("a"), name: "b" })).toEqual({ a: "conflict" });
  expect(await outcomes({ action: "rename", path: at("a"), name: "b", overwrite: true })).toEqual({ a: "b" });
  expect(await here("cat b; ls -A")).toBe("a\nb\nd\nto");
  expect(await outcomes({ action: "rename", path: at("d"), name: "b", overwrite: true })).toEqual({ d: "denied" });
  for (const action of ["move", "copy"])
    expect(await outcomes({ action, paths: [at("d")], to: at("d") })).toEqual({ d: "invalid" });
  expect(await outcomes({ action: "move", paths: [at("b")], to: folder, overwrite: true })).toEqual({ b: "b" });
  expect(await here("ls -A . d")).toBe(".:\nb\nd\nto\n\nd:");
});

it("moves to another file system whole or not at all, and keeps what was there", async () => {
  await withSmallDisk(folder, 300, async (disk) => {
    await here("mkdir -p d/e && echo x >d/e/f && ln -s e/f d/l && head -c 500000 /dev/zero >big && echo old >disk/big");
    const wish = { action: "move", to: disk, overwrite: true };
    const lines = await linesOf<ActionLine>(await ask({ ...wish, paths: [at("big"), at("d")] }));
    expect(lines.find(({ kind }) => kind === "failed")).toMatchObject({
      ...{ path: at("big"), code: "denied", words: expect.stringContaining("No space left on device") },
    });
    expect(lines.find(({ kind }) => kind === "done")).toMatchObject({ path: at("d"), to: `${disk}/d` });
    expect(await here("cat disk/big disk/d/e/f && readlink disk/d/l && stat -c %s big && ls -A . disk")).toBe(
      "old\nx\ne/f\n500000\n.:\nbig\ndisk\n\ndisk:\nbig\nd\nfiller",
    );
    await here("head -c 200000 /dev/zero >big && rm disk/filler");
    expect(await outcomes({ ...wish, paths: [at("big")], overwrite: false })).toEqual({ big: "conflict" });
    expect(await outcomes({ ...wish, paths: [at("big")] })).toEqual({ big: "disk/big" });
    expect(await here("stat -c %s disk/big && ls -A")).toBe("200000\ndisk");
  });
});

it("sets the permissions of all that is in a folder so that folders open and programs run as before", async () => {
  await here(`mkdir -p d/in d/shut && echo x >d/in/f && echo x >d/in/run && chmod 755 d/in/run && echo x >d/shut/f
    echo out >out && chmod 600 out && ln -s ../../out d/in/l && chmod 2775 d && chmod 0 d/shut`);
  const modes = () => here("find d -printf '%P %m\\n' | sort");
  const set = (mode: string, recursive: boolean) => outcomes({ action: "mode", paths: [at("d")], mode, recursive });
  expect(await set("0644", true)).toEqual({ d: null });
  expect(await modes()).toBe(" 755\nin 755\nin/f 644\nin/l 777\nin/run 644\nshut 755\nshut/f 644");
  await here("chmod 755 d/in/run");
  expect(await set("2750", true)).toEqual({ d: null });
  expect(await modes()).toBe(" 2750\nin 2750\nin/f 640\nin/l 777\nin/run 750\nshut 2750\nshut/f 640");
  expect(await set("755", false)).toEqual({ d: null });
  expect(await here("stat -c %a d")).toBe("2755");
  expect(await set("0755", false)).toEqual({ d: null });
  expect(await here("stat -c %a d out")).toBe("755\n600");
  expect(await set("0", true).catch(() => "refused")).toBe("refused");
  expect(await set("000", true)).toEqual({ d: null });
  expect(await here("stat -c %a d")).toBe("0");
});

it("E1 acts on nothing outside of the roots, and on no folder by its dots", async () => {
  await here("mkdir in && ln -s /etc away && ln -s /etc/passwd file");
  for (const path of ["/etc/passwd", at("away/passwd"), "/tmp/../etc/passwd", "~", "/tmp"]) {
    expect(await outcomes({ action: "delete", paths: [path], permanent: true })).toEqual({
      [path.replace(`${folder}/`, "")]: "forbidden",
    });
  }
  for (const path of [at(".."), at("%2e%2e"), at("."), at("in/.."), "/"]) {
    expect([path, (await ask({ action: "mode", paths: [path], mode: "777" })).status]).toEqual([path, 400]);
  }
  expect((await ask({ action: "copy", paths: [at("in")], to: "/etc" })).status).toBe(403);
  expect((await ask({ action: "move", paths: [at("in")], to: at("away") })).status).toBe(403);
  expect(await outcomes({ action: "folder", path: at("away/x") })).toEqual({ "away/x": "forbidden" });
  // A link itself may be deleted; what it leads to stays.
  expect(await outcomes({ action: "delete", paths: [at("away"), at("file")], permanent: true })).toEqual({
    away: null,
    file: null,
  });
  expect(await outcomes({ action: "mode", paths: [at("in")], mode: "700" })).toEqual({ in: null });
  expect(await here("stat -c %a in")).toBe("700");
});

it("says for each path what is wrong, and does the others", async () => {
  await here("mkdir shut shut/d && echo x >shut/d/f && echo y >y && chmod 500 shut/d");
  const found = await outcomes({ action: "delete", paths: [at("shut"), at("y"), at("none")], permanent: true });
  expect(found).toEqual({ shut: "forbidden", y: null, none: "not_found" });
  const events = await db().event.findMany({ where: { action: "file.delete" }, orderBy: { id: "desc" }, take: 1 });
  expect(events[0]?.data).toMatchObject({
    cluster: "hpc",
    count: 3,
    paths: [at("shut"), at("y"), at("none")],
    permanent: true,
  });
});

it("keeps what was deleted in a trash of the person's own, gives it back, and empties it", async () => {
  const all = async (): Promise<TrashItem[]> =>
    (await (await askAs(alice, trash, { query: { cluster: "hpc" } })).json()).items;
  const mine = async () => (await all()).filter(({ path }) => path.startsWith(folder));
  await here('mkdir d && echo kept >d/f && echo x >"$(printf "a\\nb")" && echo y >y');
  const deleted = await outcomes({ action: "delete", paths: [at("d"), at("a%0Ab"), at("y")] });
  expect(Object.keys(deleted).toSorted()).toEqual(["a%0Ab", "d", "y"]);
  expect(await here("ls -A")).toBe("");
  const items = await mine();
  expect(
    Object.values(deleted)
      .map((to) => to?.split("/").at(-2))
      .toSorted(),
  ).toEqual(items.map(({ id }) => id).toSorted());
  expect(items.map(({ path, type }) => [path, type]).toSorted()).toEqual([
    [at("a%0Ab"), "file"],
    [at("d"), "folder"],
    [at("y"), "file"],
  ]);
  expect(await onCluster('stat -c "%a %U" ~/.berth/trash')).toBe("700 alice");
  await here("echo other >y");
  const restored = await linesOf<ActionLine>(await ask({ action: "restore", items: items.map(({ id }) => id) }));
  const byPath = new Map(items.map(({ id, path }) => [id, path]));
  expect(
    restored
      .filter(({ kind }) => kind === "done")
      .map((line) => line.kind === "done" && line.to)
      .toSorted(),
  ).toEqual([at("a%0Ab"), at("d")]);
  expect(restored.flatMap((line) => (line.kind === "failed" ? [[byPath.get(line.path), line.code]] : []))).toEqual([
    [at("y"), "conflict"],
  ]);
  expect(await here("cat d/f y")).toBe("kept\nother");
  await linesOf(await ask({ action: "empty-trash", items: (await mine()).map(({ id }) => id) }));
  expect(await mine()).toEqual([]);
  const answer = async () => (await askAs(alice, roots, { query: { cluster: "hpc" } })).json();
  expect((await answer()).trash).toBe(true);
  config().files.trash = false;
  try {
    expect((await answer()).trash).toBe(false);
    const refused = await ask({ action: "delete", paths: [at("y")] });
    expect([refused.status, (await refused.json()).code]).toEqual([422, "denied"]);
    expect(await here("cat y")).toBe("other");
    await outcomes({ action: "delete", paths: [at("y")], permanent: true });
    expect(await here("[ -e y ] || echo gone")).toBe("gone");
  } finally {
    config().files.trash = true;
  }
  expect(await mine()).toEqual([]);
});

it("tells how far a long copy is, and leaves nothing behind when it is cancelled", async () => {
  await here(
    "mkdir big to && head -c 300M /dev/zero >big/zeros && for i in $(seq 1 6); do ln big/zeros big/$i; cp big/zeros big/c$i; done",
  );
  const cancel = new AbortController();
  const response = await ask({ action: "copy", paths: [at("big")], to: at("to") }, cancel.signal);
  const reader = response.body?.getReader();
  const first = Buffer.from((await reader?.read())?.value ?? []).toString();
  expect(JSON.parse(first.split("\n")[0] ?? "")).toMatchObject({ kind: "progress", path: at("big"), files: 0 });
  await reader?.cancel();
  await expect.poll(() => here("ls -A to; pgrep -u alice -x cp").catch(() => "none"), { timeout: 30_000 }).toBe("none");
  expect(await here("ls -A to")).toBe("");
});

it("copies between clusters through the portal", async () => {
  const second = { ...config().clusters[0], name: "other" };
  // The same cluster under a second name is another one to the portal.
  config().clusters.push(second as (typeof config extends () => infer C ? C : never)["clusters"][number]);
  await here(
    'mkdir from to from/d && head -c 5000000 /dev/urandom >from/d/f && ln -s f from/d/l && echo x >"from/d/$(printf "\\377\\n")"',
  );
  const wish = { action: "copy", paths: [at("from/d"), at("from/none")], to: at("to"), toCluster: "other" };
  expect(await outcomes(wish)).toEqual({ "from/d": "to/d", "from/none": "not_found" });
  expect(await here("diff -r from to && ls -A to")).toBe("d");
  expect(await outcomes({ ...wish, paths: [at("from/d")] })).toEqual({ "from/d": "denied" });
  await here("mkdir from/some && echo x >from/some/f && echo s >from/some/secret && chmod 0 from/some/secret");
  const partly = await linesOf<ActionLine>(await ask({ ...wish, paths: [at("from/some"), at("from/some/secret")] }));
  expect(partly).toMatchObject([
    ...[{ kind: "failed", path: at("from/some"), code: "forbidden", words: expect.stringContaining("some/secret") }],
    { kind: "done", path: at("from/some"), to: at("to/some") },
    { kind: "failed", path: at("from/some/secret"), code: "forbidden" },
    { kind: "end", done: 1, failed: 2 },
  ]);
  expect(await here("ls -A to to/some")).toBe("to:\nd\nsome\n\nto/some:\nf");
  // To tar(1) a backslash in a name that it is given says that a sign follows: here it is one.
  await here(
    String.raw`mkdir 'from/a\nb' && echo x >'from/a\nb/c\\\\d' && echo right >'from/back\101' && echo wrong >from/backA`,
  );
  const odd = ["from/a\\nb", "from/back\\101"];
  expect(await outcomes({ ...wish, paths: odd.map(at) })).toEqual(
    Object.fromEntries(odd.map((path) => [path, path.replace("from", "to")])),
  );
  expect(await here(String.raw`cat 'to/back\101' && diff -r 'from/a\nb' 'to/a\nb' && echo same`)).toBe("right\nsame");
  // Where the other side no longer answers, the program that reads on this one is ended.
  const gone = new PortalError("cluster", "It is away.");
  const failing = vi.spyOn(cluster("other").reach, "runStream").mockRejectedValueOnce(gone);
  await here("truncate -s 1G from/large");
  expect(await outcomes({ ...wish, paths: [at("from/large")] })).toEqual({ "from/large": "cluster" });
  failing.mockRestore();
  await expect.poll(() => onCluster("pgrep -u alice -x tar | wc -l"), { timeout: 15_000 }).toBe("0");
  await cluster("other").reach.close();
  config().clusters.pop();
  forgetOnce("cluster:other");
});
