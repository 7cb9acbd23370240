import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { canMount, recordsOf, withMounts } from "@/dev/test-actions";
import { testFolder } from "@/dev/test-folder";
import { RESTORE, TRASH } from "@/lib/files/trash-scripts";

let top = "";
const at = (name: string) => join(top, name);

beforeEach(() => {
  top = realpathSync(testFolder("trash"));
  for (const name of ["home", "from", "elsewhere"]) mkdirSync(at(name));
});

const trash = (names: string[], before: string[] = []): string[][] =>
  recordsOf({
    ...{ script: TRASH, args: ["0123"], top, home: at("home"), before },
    items: names.map((name) => [at("from"), name]),
  });

it("what goes to the trash is told where it is there", () => {
  for (const name of ["a", "b"]) writeFileSync(at(`from/${name}`), name);
  const records = trash(["a", "b"]);
  expect(records.map(([kind, index]) => `${kind}${index}`)).toEqual(["o0", "r0", "o1", "r1"]);
  for (const [kind, , place = ""] of records) if (kind === "o") expect(existsSync(place)).toBe(true);
  expect(existsSync(at("from/a"))).toBe(false);
});

it.runIf(canMount)("what is on another mount of the same device is not copied into the trash, and that is said", () => {
  writeFileSync(at("elsewhere/a"), "a");
  const records = trash(["a"], withMounts('mount --bind "$1" "$2"', [at("elsewhere"), at("from")]));
  expect(records.map(([kind, , code]) => [kind, code])).toEqual([["r", "30"]]);
  expect(existsSync(at("elsewhere/a"))).toBe(true);
});

// An overlay renames no folder of its lower layer, as filesets and projects with a quota rename nothing out of them.
it.runIf(canMount)(
  "what one file system cannot rename into the trash is not copied there, and nothing stays of it",
  () => {
    const layers = ["lower", "upper", "scratch", "merged"].map(at);
    for (const layer of layers) mkdirSync(layer);
    mkdirSync(at("lower/from/d"), { recursive: true });
    writeFileSync(at("lower/from/d/f"), "kept");
    const mounts = `mount -t tmpfs tmpfs "$3"; mkdir "$3/upper" "$3/from"
    mount -t overlay -o "lowerdir=$1,upperdir=$3/upper,workdir=$3/from,userxattr" overlay "$2"; mkdir "$2/home"`;
    const [lower = "", , scratch = "", merged = ""] = layers;
    const before = withMounts(mounts, [lower, merged, scratch]);
    const records = recordsOf({
      ...{ script: TRASH, args: ["0123"], top, home: at("merged/home"), items: [[at("merged/from"), "d"]] },
      before: [
        ...before,
        "/bin/sh",
        "-c",
        'seen=$1; shift; "$@"; ls -A "$HOME/.berth/trash" >"$seen"',
        "sh",
        at("seen"),
      ],
    });
    expect(records.map(([kind, , code]) => [kind, code])).toEqual([["r", "30"]]);
    expect(readFileSync(at("seen"), "utf8")).toBe("");
  },
);

// Inodes: the top, home, from and the file are four; ~/.berth and the trash two more, and what is deleted needs another two.
it.runIf(canMount).each([
  ["without a trash", 4, "no"],
  ["with a trash", 6, "yes"],
  ["with room for half of it", 7, "yes"],
])("whoever has a full home (%s) is told to delete for good, and nothing stays of the try", (_, inodes, hasTrash) => {
  mkdirSync(at("full"));
  const full = `mount -t tmpfs -o nr_inodes=$2 tmpfs "$1"; mkdir "$1/home" "$1/from"; echo x >"$1/from/a"
    [ "$3" = no ] || mkdir -p -m 700 "$1/home/.berth/trash"`;
  const look = [
    "/bin/sh",
    "-c",
    'seen=$1; shift; "$@"; find "$HOME/.berth/trash" "$HOME/../from" -type f -o -name "*-0123-*" >"$seen" 2>/dev/null; :',
    "sh",
  ];
  const records = recordsOf({
    ...{ script: TRASH, args: ["0123"], top, home: at("full/home"), items: [[at("full/from"), "a"]] },
    before: [...withMounts(full, [at("full"), String(inodes), hasTrash]), ...look, at("seen")],
  });
  expect(records).toEqual([["r", "0", "39", expect.stringContaining("No space left on device")]]);
  expect(readFileSync(at("seen"), "utf8")).toBe(`${at("full/home")}/../from/a\n`);
});

it.runIf(canMount)("what was deleted is put back, also where its folder is on another file system now", () => {
  for (const name of ["a", "b"]) writeFileSync(at(`from/${name}`), name);
  mkdirSync(at("from/d"));
  trash(["a", "b", "d"]);
  const ids = readdirSync(at("home/.berth/trash")).toSorted();
  const restore = (id = "", before: string[] = []) =>
    recordsOf({ ...{ script: RESTORE, args: [], top, home: at("home"), before }, items: [[id, "."]] });
  const across = withMounts('mount --bind "$1" "$2"', [at("elsewhere"), at("from")]);
  for (const [id, before] of [
    [ids[0], []],
    [ids[1], across],
    [ids[2], across],
  ] as [string, string[]][])
    expect(restore(id, before).map(([kind, , code]) => [kind, code])).toEqual([
      ["o", expect.stringContaining(at("from/"))],
      ["r", "0"],
    ]);
  expect([readdirSync(at("from")), readdirSync(at("elsewhere"))]).toEqual([["a"], ["b", "d"]]);
  expect(readFileSync(at("elsewhere/b"), "utf8")).toBe("b");
  expect(readdirSync(at("home/.berth/trash"))).toEqual([]);
});
