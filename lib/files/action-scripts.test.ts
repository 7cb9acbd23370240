import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { canMount, recordsOf, standIn, withMounts } from "@/dev/test-actions";
import { testFolder } from "@/dev/test-folder";
import { COPY, DELETE, MODE, MOVE, UNCOPY } from "@/lib/files/action-scripts";
import { UNPACK } from "@/lib/files/copy-across";
import { scriptArgv, word } from "@/lib/files/script";
import { EMPTY_TRASH } from "@/lib/files/trash-scripts";

let top = "";
/** Where the script looks for the system's own Python. */
const usual = "/usr/libexec/platform-python /usr/bin/python3";
let pythons = usual;
const at = (name: string) => join(top, name);

beforeEach(() => {
  top = realpathSync(testFolder("actions"));
  pythons = usual;
  for (const name of ["from", "to"]) mkdirSync(at(name));
});

afterEach(() => void spawnSync("chmod", ["-R", "u+rwX", top]));

const codes = (records: string[][]) => records.flatMap(([kind, , code]) => (kind === "r" ? [code] : []));

type Moved = { overwrite?: "yes" | "no"; before?: string[]; under?: string };
const move = (names: string[], { overwrite = "no", before = [], under = top }: Moved = {}): string[][] =>
  recordsOf({
    ...{
      script: MOVE.replace(`for at in ${usual}`, `for at in ${pythons}`),
      args: [join(under, "to"), overwrite, "0123", "no"],
      top,
      before,
    },
    items: names.map((name) => [join(under, "from"), name]),
  });

/** An mv(1) of coreutils before 9.2 or since then. */
const movers: [string, () => void][] = [
  ["before", () => standIn(top, "mv", 'case "$1" in --no-copy) exit 1 ;; esac; real "$@"')],
  [
    "since",
    () =>
      standIn(
        top,
        "mv",
        `case "$*" in "--no-copy --version") exit 0 ;; --no-copy*/d) echo "mv: cannot move 'a' to 'b': Invalid cross-device link" >&2; exit 1 ;; esac
         [ "$1" != --no-copy ] || shift; real "$@"`,
      ),
  ],
  [
    "before, without a Python that starts,",
    () => {
      standIn(top, "mv", 'case "$1" in --no-copy) exit 1 ;; esac; real "$@"');
      pythons = "";
      standIn(top, "python3", "echo broken >&2; exit 127");
    },
  ],
];

it("starts the system's own Python, not whichever comes first in somebody's PATH", () => {
  standIn(top, "mv", 'case "$1" in --no-copy) exit 1 ;; esac; real "$@"');
  standIn(top, "python3", `echo started >>${at("started")}; exit 127`);
  writeFileSync(at("from/f"), "f");
  expect(codes(move(["f"]))).toEqual(["0"]);
  expect(readdirSync(top)).not.toContain("started");
});

it.each(movers)(
  "with an mv(1) %s 9.2 a file moves, and takes the place of one only where that was said",
  (_, begin) => {
    begin();
    mkdirSync(at("from/d"));
    for (const name of ["from/f", "to/f", "from/g", "from/d/x"]) writeFileSync(at(name), name);
    expect(codes(move(["f", "g", "gone"]))).toEqual(["24", "0", "22"]);
    expect(readFileSync(at("to/f"), "utf8")).toBe("to/f");
    expect(codes(move(["f", "d"], { overwrite: "yes" }))).toEqual(["0", "0"]);
    expect(readFileSync(at("to/f"), "utf8")).toBe("from/f");
    expect(readdirSync(at("from"))).toEqual([]);
    expect(readFileSync(at("to/d/x"), "utf8")).toBe("from/d/x");
    expect(readdirSync(at("to")).toSorted()).toEqual(["d", "f", "g"]);
  },
);

// An overlay renames no folder of its lower layer, as filesets and projects with a quota rename nothing out of them.
it.runIf(canMount).each(movers.slice(0, 2))(
  "with an mv(1) %s 9.2 what one file system will not rename is copied where nobody looks",
  (_, begin) => {
    begin();
    for (const name of ["lower/from/d", "lower/to", "scratch", "merged"]) mkdirSync(at(name), { recursive: true });
    writeFileSync(at("lower/from/d/f"), "kept");
    // What has the final name before all of it is there is no whole folder.
    standIn(top, "cp", `ls -A ${at("merged/to")} >${at("before")}; real "$@"`);
    const mounts = `mount -t tmpfs tmpfs "$3"; mkdir "$3/upper" "$3/from"
    mount -t overlay -o "lowerdir=$1,upperdir=$3/upper,workdir=$3/from,userxattr" overlay "$2"`;
    const before = withMounts(mounts, [at("lower"), at("merged"), at("scratch")]);
    const after = [
      "/bin/sh",
      "-c",
      'seen=$1; shift; "$@"; cd "$seen/merged" && find . -type f >"$seen/seen"',
      "sh",
      top,
    ];
    expect(codes(move(["d"], { before: [...before, ...after], under: at("merged") }))).toEqual(["0"]);
    expect(readFileSync(at("before"), "utf8")).toBe("");
    expect(readFileSync(at("seen"), "utf8")).toBe("./to/d/f\n");
  },
);

it.runIf(canMount)("what is moved to where its own folder is mounted, too, stays", () => {
  writeFileSync(at("from/f"), "kept");
  const before = withMounts('mount --bind "$1" "$2"', [at("from"), at("to")]);
  expect(codes(move(["f"], { overwrite: "yes", before }))).toEqual(["0"]);
  expect(readFileSync(at("from/f"), "utf8")).toBe("kept");
});

/** Root may write to what is read only; so somebody else does it then, to whom all of it belongs. */
const isRoot = process.getuid?.() === 0;
const asPerson = isRoot ? ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"] : [];

/** A folder that nobody may write to, as Go keeps modules. */
function readOnlyFolder(name: string): void {
  mkdirSync(at(`${name}/in`), { recursive: true });
  writeFileSync(at(`${name}/in/f`), "x");
  for (const folder of [`${name}/in`, name]) chmodSync(at(folder), 0o555);
  if (isRoot) spawnSync("chown", ["-R", "12345:12345", top]);
}

function runAsPerson(script: string, args: (string | number)[], input: Uint8Array | string = "") {
  const [command = "", ...more] = [...asPerson, ...scriptArgv(script, [top], args)];
  return spawnSync(command, more, { input }).status;
}

const hidden = (folder: string) => readdirSync(at(folder)).filter((name) => name.startsWith(".berth"));

it("of a copy that was cancelled nothing stays, also where its folders are read only", () => {
  readOnlyFolder("to/.berth-copy-0123-0");
  expect(runAsPerson(UNCOPY, [at("to"), "0123"])).toBe(0);
  expect(hidden("to")).toEqual([]);
});

it("of a copy from another cluster that broke off nothing stays, also where its folders are read only", () => {
  readOnlyFolder("from/d");
  const whole = spawnSync("tar", ["-cf", "-", "-C", at("from"), "./d"]).stdout;
  expect(runAsPerson(UNPACK, [at("to"), "d", "no", "0123", "no"], whole.subarray(0, 1536 + 100))).toBe(28);
  expect(hidden("to")).toEqual([]);
});

it("a folder that is read only comes whole from another cluster, and is read only there", () => {
  readOnlyFolder("from/d");
  const whole = spawnSync("tar", ["-cf", "-", "-C", at("from"), "./d"]).stdout;
  expect(runAsPerson(UNPACK, [at("to"), "d", "no", "0123", "no"], whole)).toBe(0);
  expect(readFileSync(at("to/d/in/f"), "utf8")).toBe("x");
  expect(statSync(at("to/d")).mode & 0o777).toBe(0o555);
  expect(runAsPerson(UNPACK, [at("to"), "d", "no", "0123", "no"], whole)).not.toBe(0);
  expect(hidden("to")).toEqual([]);
});

it("what a copy left that ended with its machine is removed by a later one into that folder", () => {
  readOnlyFolder("to/.berth-copy-4567-0");
  writeFileSync(at("from/f"), "x");
  // As if a week had passed.
  standIn(top, "find", 'for at do shift; [ "$at" != +10080 ] || at=-5; set -- "$@" "$at"; done; real "$@"');
  const copy = { script: COPY, args: [at("to"), "no", "0123", "no"], top, before: asPerson };
  expect(codes(recordsOf({ ...copy, items: [[at("from"), "f"]] }))).toEqual(["0"]);
  expect(readdirSync(at("to"))).toEqual(["f"]);
});

/** Of a folder of 2,000 files, in which two folders are somebody else's. */
function manyFiles(folder: string, { others }: { others: boolean }): void {
  mkdirSync(at(folder), { recursive: true });
  for (let file = 0; file < 2000; file += 1) writeFileSync(at(`${folder}/${file}`), "");
  if (isRoot) spawnSync("chown", ["-R", "12345:12345", top]);
  if (!others) return;
  for (const name of ["x", "y"]) {
    mkdirSync(at(`${folder}/${name}`));
    writeFileSync(at(`${folder}/${name}/f`), "");
  }
}

const long = [
  { what: "deleting", script: DELETE, args: [], folder: "from/d", item: () => [at("from"), "d"] },
  { what: "setting permissions", script: MODE, args: ["750", "yes"], folder: "from/d", item: () => [at("from"), "d"] },
  {
    what: "emptying the trash",
    script: EMPTY_TRASH,
    args: [],
    folder: ".berth/trash/1-0/item",
    item: () => ["1-0", "."],
  },
];
const counts = (records: string[][], kind: string) =>
  records.filter(([one]) => one === kind).map(([, , value]) => value);

it.each(long)("$what tells how far it is", ({ script, args, folder, item }) => {
  manyFiles(folder, { others: false });
  const [first = "", second = ""] = item();
  const records = recordsOf({ script, args, top, items: [[first, second]], before: asPerson });
  expect(counts(records, "n").slice(0, 4)).toEqual(["500", "1000", "1500", "2000"]);
  expect(codes(records)).toEqual(["0"]);
});

it.runIf(isRoot).each(long)("$what names each thing in it that is left as it was", ({ script, args, folder, item }) => {
  manyFiles(folder, { others: true });
  const [first = "", second = ""] = item();
  const records = recordsOf({ script, args, top, items: [[first, second]], before: asPerson });
  const words = records.flatMap(([kind, , , said]) => (kind === "w" ? [said] : []));
  for (const name of ["x", "y"]) expect(words.filter((said) => said?.includes(`/${name}`))).not.toEqual([]);
  expect(words.every((said) => /not permitted|ermission denied/.test(said ?? ""))).toBe(true);
  expect(records.at(-1)).toEqual(["r", "0", "40", expect.stringMatching(/not permitted|ermission denied/)]);
});

it("a copy into its own folder has a name of its own, also where what has the name may be replaced", () => {
  const names = ["a.txt", "a (2).txt", "b.tar.gz", "b.tar.gz.md5", ".rc", "v1.2 of it", "-f"];
  for (const name of names) writeFileSync(at(`from/${name}`), name);
  for (const folder of ["d.d", "d.d/in"]) mkdirSync(at(`from/${folder}`));
  const items = [...names, "d.d"].map((name): [string, string] => [at("from"), word(name)]);
  const copy = (overwrite: string, some: [string, string][]) =>
    recordsOf({ script: COPY, args: [at("from"), overwrite, "0123", "yes"], top, items: some });
  const records = copy("no", items);
  expect(codes(records)).toEqual(items.map(() => "0"));
  const expected = [
    "a (3).txt",
    "a (2) (2).txt",
    "b (2).tar.gz",
    "b.tar.gz (2).md5",
    ".rc (2)",
    "v1.2 of it (2)",
    "-f (2)",
    "d.d (2)",
  ];
  expect(records.flatMap(([kind, , place]) => (kind === "o" ? [place] : []))).toEqual(
    expected.map((name) => at(`from/${name}`)),
  );
  expect(readFileSync(at("from/a (3).txt"), "utf8")).toBe("a.txt");
  expect(readdirSync(at("from/d.d (2)"))).toEqual(["in"]);
  expect(codes(copy("yes", items.slice(0, 1)))).toEqual(["0"]);
  expect(readFileSync(at("from/a (4).txt"), "utf8")).toBe("a.txt");
});
