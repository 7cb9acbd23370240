import { describe, expect, it } from "vitest";
import { decodeBytes, fileName, filePath } from "@/lib/files/names/schema";
import {
  archiveBase,
  dateOf,
  displayPath,
  displayText,
  encodePath,
  encodeTyped,
  isHiddenFolder,
  joinPath,
  needsConfirmation,
  splitPath,
  typedName,
} from "@/lib/files/rules";

it("a time of a file can be written, whatever it claims", () => {
  expect(dateOf(1.5).toISOString()).toBe("1970-01-01T00:00:01.500Z");
  expect([9e12, 1e20, Number.POSITIVE_INFINITY].map((far) => dateOf(far).toISOString())).toEqual(
    Array(3).fill("9999-12-31T23:59:59.000Z"),
  );
  expect(dateOf(-9e18).toISOString()).toBe("0000-01-01T00:00:00.000Z");
  expect(dateOf(Number.NaN).getTime()).toBe(0);
});

it("an archive is what can be unpacked", () => {
  for (const ending of ["zip", "tar", "TAR.GZ", "tar.bz2", "tar.xz", "tgz", "tbz2", "txz"])
    expect(archiveBase(`a.b.${ending}`)).toBe("a.b");
  for (const name of ["a.tar.zst", "a.gz", "a.7z", ".zip", "zip"])
    expect([name, archiveBase(name)]).toEqual([name, null]);
});

describe("an encoded path", () => {
  it("gives back every byte", () => {
    const bytes = Uint8Array.from({ length: 255 }, (_none, at) => at + 1);
    const encoded = encodePath(bytes);
    expect(encoded).toMatch(/^[\x20-\x7e]*$/);
    expect(decodeBytes(encoded)).toEqual(bytes);
  });

  it("takes what people and scripts write as it is, as long as % is %25", () => {
    expect(Buffer.from(decodeBytes("/home/é 😀%ff") ?? [])).toEqual(Buffer.from([...Buffer.from("/home/é 😀"), 0xff]));
    for (const path of ["/a%", "/a%2", "/a%g0", "/a%00", "a", "", "~bob", `/${"a".repeat(4096)}`]) {
      expect([path, filePath.safeParse(path).success]).toEqual([path, false]);
    }
    for (const path of ["/", "~", "~/x", "/~", "/a//b/", "/a%FF"]) expect(filePath.parse(path)).toBe(path);
  });

  it("is taken apart and put together", () => {
    expect(splitPath("/home/alice/x")).toEqual({ folder: "/home/alice", name: "x" });
    expect(splitPath("/x/")).toEqual({ folder: "/", name: "x" });
    expect(splitPath("~/x")).toEqual({ folder: "~", name: "x" });
    expect(splitPath("/")).toEqual({ folder: "/", name: "" });
    expect(joinPath("/", "x")).toBe("/x");
  });
});

describe("a new name", () => {
  it.each(["", ".", "..", "a/b", "a%2Fb", "%2E", "%00", "é".repeat(128), ".berth-upload-x", "%2eberth-x"])(
    "%j is refused",
    (name) => expect(fileName.safeParse(name).success).toBe(false),
  );
  it.each(["-rf", "...", " ", "a%0Ab", "%FF", "é".repeat(127), "<img src=x onerror=alert(1)>"])("%j is taken", (name) =>
    expect(fileName.safeParse(name).success).toBe(true),
  );
  it("that begins with a dot wants to be confirmed, however it is spelled", () => {
    expect([".ssh", "%2Essh", "a.b"].map(needsConfirmation)).toEqual([true, true, false]);
  });
});

it("shows broken bytes and control characters, and nothing that turns text around", () => {
  expect(displayText(Buffer.from([0x61, 0xff, 0x0a, 0x1b, 0x7f]))).toBe("a\ufffd␊␛␡");
  expect(displayPath("/a%E2%80%AEtxt.exe")).toBe("/a\\u202etxt.exe");
  expect(displayPath(encodeTyped("naïve"))).toBe("naïve");
});

it.each([
  ["/home/alice", "/home/alice", false],
  ["/home/alice/a/b", "/home/alice", false],
  ["/home/alice/.ssh", "/home/alice", true],
  ["/home/alice/a/.config/b", "/home/alice", true],
  ["/mnt/.store/alice/a", "/mnt/.store/alice", false],
  ["/mnt/.store/alice/a", "", true],
  ["/.a", "/", true],
])("%s in %s is in a hidden folder: %s", (folder, root, isHidden) => {
  expect(isHiddenFolder(folder, root)).toBe(isHidden);
});

/** Persian, Hindi and an emoji are spelled with joiners, Hebrew with marks of direction. */
const joined = ["نمی\u200cدانم.txt", "क्\u200dष.txt", "👩\u200d🔬.png"];

it("shows joiners where text is spelled with them, and not where they would only hide", () => {
  for (const name of joined) expect(displayPath(encodeTyped(name))).toBe(name);
  expect(displayPath(encodeTyped("a\u200db\u200c"))).toBe("a\\u200db\\u200c");
  expect(displayPath(encodeTyped("\u200c.bashrc"))).toBe("\\u200c.bashrc");
});

it.each([...joined, "שלום\u200f (1).txt", "na\u00adive", "a\u202eb", "caf\u00e9", "\ufeffa"])(
  "a name that one goes on typing keeps all its signs: %j",
  (name) => {
    const { text, isWhole } = typedName(encodeTyped(name));
    expect([encodeTyped(`${text}2`), isWhole]).toEqual([encodeTyped(`${name}2`), true]);
  },
);

it.each([
  ["caf%E9.txt", "caf\ufffd.txt"],
  ["a%0Ab", "a␊b"],
  ["a%C2%85b", "a\\u0085b"],
])("a name that no field takes is typed as it is shown, and that is said: %s", (encoded, text) => {
  expect(typedName(encoded)).toEqual({ text, isWhole: false });
});
