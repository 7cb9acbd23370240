// tmux as it is on this machine, and programs of its name that know less or refuse, in homes of their own.
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import headless from "@xterm/headless";
import { expect, it, onTestFinished } from "vitest";
import { openLocalTerminal } from "@/lib/clusters/local-terminal";
import type { Run } from "@/lib/clusters/run";
import { aboveScreen } from "@/lib/terminals/rules";
import { tmuxOf } from "@/lib/terminals/tmux";

const size = { cols: 80, rows: 24 };
const real = execFileSync("/bin/sh", ["-c", "command -v tmux"], { encoding: "utf8" }).trim();

/** A home, with `program` (a script) as its tmux, and the terminals that can be had there. */
function ground({ program = `exec ${real} "$@"`, homeName = "home", programs = {} as Record<string, string> } = {}) {
  const root = mkdtempSync(join(tmpdir(), "tmux-"));
  const [home, bin] = [join(root, homeName), join(root, "bin")];
  for (const folder of [home, bin, join(root, "tmp")]) mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries({ ...programs, tmux: program }))
    writeFileSync(join(bin, file), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    TMUX_TMPDIR: join(root, "tmp"),
    SHELL: "/bin/sh",
    NODE_ENV: "test" as const,
  };
  const runWith =
    (more: Record<string, string>): Run =>
    ([file = "", ...args]) =>
      new Promise((done) => {
        execFile(file, args, { env: { ...env, ...more }, encoding: "buffer" }, (error, stdout, stderr) =>
          // A program's end without an exit code does not happen here.
          done({ code: error ? (error.code as number) : 0, stdout, stderr }),
        );
      });
  const run = runWith({});
  /** As sshd(8) says where somebody logged in: "client port server port". */
  const tmux = (name = `berth-${randomBytes(4).toString("hex")}`, login?: string) =>
    tmuxOf(login ? runWith({ SSH_CONNECTION: login }) : run, { user: "me", cluster: root, name });
  const ask = async (...argv: string[]) =>
    Buffer.from((await run(argv, { user: "me" })).stdout)
      .toString()
      .trim();
  onTestFinished(async () => {
    await ask("sh", "-c", `${real} -S "$HOME/.berth/tmux/$(uname -n)" kill-server; ${real} -L berth kill-server`);
    rmSync(root, { recursive: true, force: true });
  });
  return { root, home, env, tmux, ask };
}

const ofHome = (...words: string[]) => ["sh", "-c", `${real} -S "$HOME/.berth/tmux/$(uname -n)" "$@"`, "sh", ...words];

it("is held in the person's home, by a socket that nobody else reaches, and found and ended there", async () => {
  const { home, tmux, ask } = ground();
  const one = tmux("berth-one");
  expect(await one.stillThere()).toBe(false);
  expect(await one.open(size, 100)).toBe("made");
  expect(await one.open(size, 100)).toBe("there");
  expect(statSync(join(home, ".berth/tmux")).mode & 0o777).toBe(0o700);
  expect(await ask(...ofHome("list-sessions", "-F", "#{session_name}"))).toBe("berth-one");
  expect(await ask(...ofHome("show-options", "-gv", "window-size"))).toBe("latest");
  expect(await tmux("berth-on").stillThere()).toBe(false);
  expect(await tmux("berth-on").end()).toBe("gone");
  expect(await one.end()).toBe("ended");
  expect(await one.stillThere()).toBe(false);
  expect(await one.end()).toBe("gone");
});

it("is held apart at two ports of sshd, and alike without one and at SSH's own", async () => {
  const { home, tmux, ask } = ground();
  const at = (port: number) => tmux("berth-one", `192.0.2.1 40000 192.0.2.2 ${port}`);
  expect(await at(2022).open(size, 100)).toBe("made");
  onTestFinished(async () => void (await at(2022).end()));
  expect(await tmux("berth-one").stillThere()).toBe(false);
  expect(await at(22).stillThere()).toBe(false);
  expect(await at(22).open(size, 100)).toBe("made");
  expect(await tmux("berth-one").open(size, 100)).toBe("there");
  await ask(...ofHome("kill-server"));
  expect(await at(2022).stillThere()).toBe(true);
  expect(readdirSync(join(home, ".berth/tmux")).toSorted()).toEqual([hostname(), `${hostname()}.2022`]);
});

it("says once what its terminals cannot do, however many are opened", async () => {
  const { tmux, ask } = ground();
  for (const name of ["berth-1", "berth-2"]) await tmux(name).open(size, 100);
  expect((await ask(...ofHome("show-options", "-s"))).match(/smcup@/g)).toHaveLength(1);
});

it("has the lines again that are above the screen", async () => {
  const { tmux } = ground();
  const one = tmux();
  await one.open(size, 100, ["sh", "-c", "i=0; while [ $i -lt 60 ]; do echo é☃$i; i=$((i+1)); done; sleep 60"]);
  await expect.poll(() => one.history(100)).toMatch(/^é☃10$/m);
});

it.each([
  [100, 10],
  [100, 40],
  [12, 10],
  [5, 10],
])("shows each of %i lines once where it is drawn again on %i rows", async (count, rows) => {
  const { env, tmux } = ground();
  const one = tmux();
  const to = { cols: 80, rows };
  await one.open(to, 2000, ["sh", "-c", `seq 1 ${count}; echo the end; sleep 60`]);
  const terminal = new headless.Terminal({ ...to, scrollback: 2000, allowProposedApi: true });
  const lines = () =>
    Array.from({ length: terminal.buffer.active.length }, (_none, at) =>
      terminal.buffer.active.getLine(at)?.translateToString(true),
    );
  const first = await openLocalTerminal({ user: "me", ...to, argv: one.attachArgv }, env);
  first.output.on("data", (bytes: Buffer) => terminal.write(bytes));
  await expect.poll(lines).toContain("the end");
  first.hangUp();
  await first.gone;
  terminal.reset();
  terminal.write(aboveScreen(await one.history(2000), rows));
  const again = await openLocalTerminal({ user: "me", ...to, argv: one.attachArgv }, env);
  again.output.on("data", (bytes: Buffer) => terminal.write(bytes));
  await expect.poll(lines).toContain("the end");
  const numbers = lines().filter((line) => /^\d+$/.test(line ?? ""));
  expect(numbers).toEqual(Array.from({ length: count }, (_none, at) => String(at + 1)));
  again.hangUp();
});

const REFUSES = `for word; do case $word in window-size|set-titles) echo "ambiguous option: $word" >&2; exit 1;; esac; done`;

it("opens with a tmux that does not know an option", async () => {
  const { tmux, ask } = ground({ program: `${REFUSES}\nexec ${real} "$@"` });
  expect(await tmux().open(size, 100)).toBe("made");
  expect(await ask(...ofHome("show-options", "-gv", "prefix"))).toBe("None");
});

it("opens with a tmux that knows none of them", async () => {
  const program = `for word; do [ "$word" = set-option ] && exit 1; done\nexec ${real} "$@"`;
  expect(await ground({ program }).tmux().open(size, 100)).toBe("made");
});

it.each([
  ["whose path is too long for a socket", { homeName: "h".repeat(100) }, 0o755],
  [
    "in which nothing may be made",
    {
      program: `[ "$2" = -S ] && { echo "error connecting to $3 (No such file or directory)" >&2; exit 1; }; exec ${real} "$@"`,
    },
    0o555,
  ],
] as const)("is held in tmux's own place beside a home %s", async (_what, options, mode) => {
  const { home, tmux, ask } = ground(options);
  chmodSync(home, mode);
  const one = tmux("berth-one");
  expect(await one.open(size, 100)).toBe("made");
  expect(await one.stillThere()).toBe(true);
  expect(await ask(real, "-L", "berth", "list-sessions", "-F", "#{session_name}")).toBe("berth-one");
  await one.end();
  expect(await one.stillThere()).toBe(false);
});

it("opens though the place that tmux would take was made by somebody, and tmux finds it unsafe", async () => {
  const { root, tmux, ask } = ground();
  const place = join(root, "tmp", `tmux-${process.getuid?.()}`);
  mkdirSync(place);
  chmodSync(place, 0o777);
  expect(await ask("sh", "-c", `${real} -L berth new-session -d 2>&1`)).toMatch(/unsafe permissions/);
  expect(await tmux().open(size, 100)).toBe("made");
});

it.each([
  ["tmux 2.7", false],
  ["tmux 3.1c", false],
  ["tmux 3.2", true],
  ["tmux 3.10", true],
  ["tmux next-3.6", true],
  ["tmux 4.0", true],
  ["tmux master", false],
])("hands output on where it waits for a slow reader: %s", async (version, expected) => {
  const program = `[ "$1" = -V ] && { echo "${version}"; exit; }\nexec ${real} "$@"`;
  const { tmux, ask } = ground({ program });
  expect(await tmux().handsOn()).toBe(expected);
  await tmux().open(size, 100);
  const term = expected ? "xterm-256color" : "screen-256color";
  expect(await ask(...ofHome("show-options", "-gv", "default-terminal"))).toBe(term);
});

const scopes = 'echo "$@" >> "$HOME/scopes"; shift 3; exec "$@"';

it.each([
  ["is in a scope of the person's own manager where that lingers", "Linger=yes", scopes, ["true", "tmux"]],
  ["is as ever where it does not linger", "Linger=no", scopes, []],
  ["is as ever where there is no such manager", "Linger=yes", "exit 1", []],
])("%s", async (_what, linger, systemdRun, expected) => {
  const { tmux, ask, home } = ground({ programs: { loginctl: `echo ${linger}`, "systemd-run": systemdRun } });
  expect(await tmux("berth-one").open(size, 100)).toBe("made");
  expect(await tmux("berth-one").stillThere()).toBe(true);
  const ran = (await ask("sh", "-c", `cat "$1/scopes" 2>/dev/null`, "sh", home)).split("\n").filter(Boolean);
  expect(ran.map((line) => line.split(" ")[3])).toEqual(expected);
});

it("runs a login shell where nothing else is wanted, and tells neither it nor a program that tmux is around it", async () => {
  const { tmux, ask, home } = ground();
  const say = (name: string) => `echo "in:$TMUX$TMUX_PANE:" > "$HOME/${name}"`;
  writeFileSync(join(home, ".profile"), say("profile"));
  await tmux().open(size, 100);
  await expect.poll(() => ask("cat", join(home, "profile"))).toBe("in::");
  await tmux().open(size, 100, ["sh", "-c", `${say("program")}; sleep 60`]);
  await expect.poll(() => ask("cat", join(home, "program"))).toBe("in::");
});

it("takes a word that ends in a semicolon as it is, though that parts commands of tmux", async () => {
  const { tmux, ask, home } = ground();
  const words = ["work;", "work\\;", ";"];
  await tmux().open(size, 100, ["sh", "-c", 'printf "%s\\n" "$@" > "$HOME/words"; sleep 60', ...words]);
  await expect.poll(() => ask("cat", join(home, "words"))).toBe(words.slice(1).join("\n"));
});

it("is looked for anew where there was none a moment ago, and remembered where there was one", async () => {
  const answers = ["missing", "missing", "gone"];
  const run: Run = async () => ({ code: 0, stdout: Buffer.from(`${answers.shift()}\n`), stderr: Buffer.of() });
  const one = tmuxOf(run, { user: "me", cluster: "without", name: "berth-one" });
  expect(await one.isThere()).toBe(false);
  expect(await one.isThere()).toBe(false);
  expect(await one.isThere()).toBe(true);
  expect(await one.isThere()).toBe(true);
  expect(answers).toEqual([]);
});

it("runs a program that ends at once only once", async () => {
  const { tmux, ask, home } = ground();
  expect(await tmux().open(size, 100, ["sh", "-c", 'echo ran >> "$1/ran"', "sh", home])).toBe("made");
  await expect.poll(() => ask("cat", join(home, "ran"))).toBe("ran");
});

it("has not ended what tmux would not end, and says why", async () => {
  const program = `for word; do [ "$word" = kill-session ] && { echo "not now" >&2; exit 1; }; done\nexec ${real} "$@"`;
  const { tmux } = ground({ program });
  const one = tmux();
  await one.open(size, 100);
  await expect(one.end()).rejects.toThrow(/not now/);
  expect(await one.stillThere()).toBe(true);
});

/** A tmux whose has-session fails with the words in the file `words` at home, once that is there. */
const FAILS = `for word; do [ "$word" = has-session ] && [ -e "$HOME/words" ] && { cat "$HOME/words" >&2; exit 1; }; done`;

async function failing(words: string) {
  const { home, tmux } = ground({ program: `${FAILS}\nexec ${real} "$@"` });
  const one = tmux();
  await one.open(size, 100);
  const file = join(home, "words");
  writeFileSync(file, words);
  return { one, again: tmux(), recover: () => rmSync(file) };
}

it.each([
  "protocol version mismatch (client 8, server 7)",
  "tmux: error while loading shared libraries: libevent.so.7: cannot open shared object file: No such file or directory",
  "error connecting to /home/me/.berth/tmux/node (Permission denied)",
  "error connecting to /home/me/.berth/tmux/node (Stale file handle)",
  "lost server",
  "",
])("says neither that a shell is gone nor that it was ended when tmux fails otherwise: %s", async (words) => {
  const { one, again, recover } = await failing(words);
  const said = words || "tmux failed and said nothing";
  await expect(one.stillThere()).rejects.toMatchObject({ code: "cluster", words: said });
  await expect(one.end()).rejects.toThrow(said);
  await expect(again.open(size, 100)).rejects.toThrow(said);
  recover();
  expect(await one.stillThere()).toBe(true);
});

it.each([
  "can't find session: berth-1",
  "can't find session =berth-1",
  "session not found: =berth-1",
  "no server running on /home/me/.berth/tmux/node",
  "error connecting to /home/me/.berth/tmux/node (No such file or directory)",
  "error connecting to /home/me/.berth/tmux/node (Connection refused)",
  "error connecting to /home/me/.berth/tmux/node (File name too long)",
  "failed to connect to server",
  "failed to connect to server: Connection refused",
  "directory /tmp/tmux-1000 has unsafe permissions",
])("says that a shell is gone in whatever words tmux says so: %s", async (words) => {
  const { one } = await failing(words);
  expect(await one.stillThere()).toBe(false);
  expect(await one.end()).toBe("gone");
});

it("says what a tmux said that makes nothing", async () => {
  const { tmux } = ground({ program: 'echo "unsafe permissions" >&2; exit 1' });
  await expect(tmux().open(size, 100)).rejects.toThrow(/unsafe permissions/);
});
