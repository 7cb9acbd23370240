// Whose account cluster/up takes: against a list of accounts that is told, and homes in a folder; nothing of the machine's.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { testFolder } from "@/dev/test-folder";

let homes: string;
beforeEach(() => {
  homes = testFolder("homes");
  rc("paul", "# berth test cluster: prints\necho");
  rc("slow", "# berth test cluster: sleeps\nsleep 3");
});

function rc(name: string, text: string): void {
  mkdirSync(join(homes, name), { recursive: true });
  writeFileSync(join(homes, name, ".bashrc"), `${text}\n`);
}

/** As the databases of the machine tell it: passwd(5) from the comment on, the password, owner and mode of the home, groups. */
const earlier = () => ({
  uid: "1001",
  passwd: `:${homes}/alice:/bin/bash`,
  password: "*",
  home: "alice 700",
  groups: "alice",
});

/** What is done with an account alice that is so, and null where there is none. Answers the words, and what was run. */
function alice(account: Partial<ReturnType<typeof earlier>> | null) {
  const script = `
    set -euo pipefail
    . cluster/lib/people.sh
    homes=$HOMES
    fail() { printf 'refused: %s\\n' "$1"; exit 1; }
    id() { if [ "$1" = -Gn ]; then echo "$told_groups"; else [ -n "$told_uid" ] && echo "$told_uid"; fi; }
    getent() { if [ "$1" = shadow ]; then echo "alice:$told_password:20786:0:99999:7:::"; else echo "alice:x:$told_uid:$told_uid:$told_passwd"; fi; }
    stat() { echo "$told_home"; }
    usermod() { printf 'usermod %s\\n' "$*"; }
    account_must_be_ours alice /bin/bash
    echo admitted`;
  const told = account ? { ...earlier(), ...account } : { ...earlier(), uid: "" };
  // Other names than the script's own, which its functions would see in their place.
  const given = Object.fromEntries(Object.entries(told).map(([name, value]) => [`told_${name}`, value]));
  const env = { ...process.env, HOMES: homes, ...given };
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8", env });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

const refused = ["refused: alice is somebody's account here, and cluster/up would let others in as alice"];

it("a name that nobody has is taken, and one whose account is ours", () => {
  expect(alice(null)).toEqual(["admitted"]);
  expect(alice({ passwd: `Berth test cluster:${homes}/alice:/bin/bash`, home: "alice 755" })).toEqual(["admitted"]);
});

it("an account of an earlier version, which wrote no comment, is ours, and has one from then on", () => {
  expect(alice({})).toEqual(["usermod --comment Berth test cluster alice", "admitted"]);
});

it.each([
  ["a name", { passwd: "Alice Liddell,,,:/home/alice:/bin/bash" }],
  ["a home elsewhere", { passwd: ":/srv/alice:/bin/bash" }],
  ["our comment and a home elsewhere", { passwd: "Berth test cluster:/srv/alice:/bin/bash" }],
  ["another shell", { passwd: ":/home/alice:/bin/zsh" }],
  ["a password", { password: "$y$j9T$x" }],
  ["a locked password", { password: "!" }],
  ["a home that others may enter", { home: "alice 755" }],
  ["a home of somebody else's", { home: "root 700" }],
  ["groups", { groups: "alice sudo" }],
])("an account with %s is somebody's", (_what, change) => {
  const account = { ...earlier(), ...change };
  expect(alice({ ...account, passwd: account.passwd.replace("/home/", `${homes}/`) })).toEqual(refused);
});

it("an account that is logged in to with a key is somebody's", () => {
  mkdirSync(join(homes, "alice/.ssh"), { recursive: true });
  writeFileSync(join(homes, "alice/.ssh/authorized_keys"), "");
  expect(alice({})).toEqual(refused);
});

it.each(["paul", "slow"])("an account looks like ours only where %s has the rc file of an earlier version", (name) => {
  rc(name, "# ~/.bashrc");
  expect(alice({})).toEqual(refused);
});

it("a system account is never taken", () => {
  const passwd = `Berth test cluster:${homes}/alice:/bin/bash`;
  expect(alice({ uid: "999", passwd })).toEqual(["refused: alice is a system account here (uid 999)"]);
});
