// What an installation leaves behind: on a machine in a folder, with an apt-get that does what Debian's packages do.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { testFolder } from "@/dev/test-folder";

let root: string;
const wants = "etc/systemd/system/multi-user.target.wants";

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

beforeEach(() => {
  root = testFolder("machine");
  for (const folder of ["run", "usr/sbin", "etc/rc2.d"]) mkdirSync(join(root, folder), { recursive: true });
  link(`${wants}/postgresql.service`, "/lib/systemd/system/postgresql.service");
  link("etc/rc2.d/S01postgresql", "../init.d/postgresql");
});

/** Installs what apt-get stands for. Answers the exit code, and what was printed. */
function install(aptGet: string) {
  const script = `
    set -euo pipefail
    . cluster/lib/packages.sh
    machine_root=$MACHINE
    wants=$MACHINE/${wants}
    update-rc.d() { echo "update-rc.d $*"; }
    apt-get() { ${aptGet}; }
    apt_install_without_starting mariadb-server`;
  const env = { ...process.env, MACHINE: root };
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8", env });
  expect(stderr).toBe("");
  return [status, stdout.trim()];
}

const enables = `
  ln -s /lib/systemd/system/mariadb.service "$wants/mariadb.service"
  mkdir -p "$MACHINE/etc/systemd/system/sockets.target.wants"
  ln -s /lib/systemd/system/ssh.socket "$MACHINE/etc/systemd/system/sockets.target.wants/ssh.socket"
  ln -s /lib/systemd/system/ssh.service "$MACHINE/etc/systemd/system/sshd.service"`;

it("what was installed does not start at the next boot, and what would have does", () => {
  expect(install(enables)).toEqual([0, ""]);
  expect(readdirSync(join(root, wants))).toEqual(["postgresql.service"]);
  const all = readdirSync(join(root, "etc/systemd/system"), { recursive: true, encoding: "utf8" });
  expect(all.filter((name) => /ssh|mariadb/.test(name))).toEqual([]);
});

it("an installation that fails or is ended leaves nothing enabled either", () => {
  for (const [end, code] of [
    ["return 100", 100],
    ["kill -TERM $BASHPID", 143],
  ] as const) {
    expect(install(`${enables}\n${end}`)).toEqual([code, ""]);
    expect(readdirSync(join(root, wants))).toEqual(["postgresql.service"]);
  }
});

it("a script of init is disabled by its name, and one that only got another number is left alone", () => {
  const moved = 'mv "$MACHINE/etc/rc2.d/S01postgresql" "$MACHINE/etc/rc2.d/S02postgresql"';
  const added = 'ln -s ../init.d/mariadb "$MACHINE/etc/rc2.d/S01mariadb"';
  expect(install(`${moved}\n${added}`)).toEqual([0, "update-rc.d mariadb disable"]);
});

it("a unit that must not start stays masked", () => {
  expect(install('ln -s /dev/null "$MACHINE/etc/systemd/system/munge.service"')).toEqual([0, ""]);
  expect(readlinkSync(join(root, "etc/systemd/system/munge.service"))).toBe("/dev/null");
});

it("while packages are installed nothing starts, and the machine's own policy is back when they are", () => {
  const policy = join(root, "usr/sbin/policy-rc.d");
  writeFileSync(policy, "the machine's own\n");
  expect(install('tail -n 1 "$MACHINE/usr/sbin/policy-rc.d"')).toEqual([0, "exit 101"]);
  expect(readFileSync(policy, "utf8")).toBe("the machine's own\n");
  expect(existsSync(`${policy}.berth-saved`)).toBe(false);
});
