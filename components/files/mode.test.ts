import { expect, it } from "vitest";
import {
  changed,
  fromOctal,
  hasAll,
  type ModeChange,
  modesToSet,
  modeText,
  octalOf,
  octalOfAll,
  unchanged,
  withRight,
} from "@/components/files/mode";

it.each([
  ["0644", "rw-r--r--"],
  ["0750", "rwxr-x---"],
  ["4755", "rwsr-xr-x"],
  ["2644", "rw-r-Sr--"],
  ["1777", "rwxrwxrwt"],
  ["0000", "---------"],
])("%s is written %s", (octal, text) => {
  expect(modeText(octal)).toBe(text);
});

const results = { path: "/d/results", mode: "0755", type: "folder", target: null } as const;
const secrets = { path: "/d/secrets.env", mode: "0600", type: "file", target: null } as const;
const shared = { path: "/d/shared", mode: "2750", type: "folder", target: null } as const;
const tool = { path: "/d/tool", mode: "4755", type: "file", target: null } as const;
const modesOf = (change: ModeChange) => [results, secrets, shared].map((entry) => octalOf(changed(entry, change)));

it("one right is given or taken and all others stay, of each of several things that differ", () => {
  const given = withRight(unchanged, { who: "group", right: "write", isOn: true });
  expect(modesOf(given)).toEqual(["0775", "0620", "2770"]);
  expect(modesOf(withRight(given, { who: "group", right: "write", isOn: false }))).toEqual(["0755", "0600", "2750"]);
  expect(modesToSet([results, secrets, shared, tool, { ...secrets, path: "/d/a" }], given)).toEqual([
    { mode: "775", paths: [results.path] },
    { mode: "620", paths: [secrets.path, "/d/a"] },
    { mode: "770", paths: [shared.path] },
    { mode: "4775", paths: [tool.path] },
  ]);
});

it("a number is set on all; of three digits it leaves the set-id bits", () => {
  expect(modesOf(fromOctal("640"))).toEqual(["0640", "0640", "2640"]);
  expect(modesOf(fromOctal("0640"))).toEqual(["0640", "0640", "0640"]);
  expect(modesOf(fromOctal("4755"))).toEqual(["4755", "4755", "4755"]);
});

it("where things differ neither a right nor a number is said to be that of all", () => {
  const modes = [0o755, 0o600];
  expect([hasAll(modes, "owner", "read"), hasAll(modes, "group", "read"), hasAll(modes, "group", "write")]).toEqual([
    true,
    null,
    false,
  ]);
  expect([octalOfAll(modes), octalOfAll([0o600, 0o600])]).toEqual(["", "0600"]);
});
