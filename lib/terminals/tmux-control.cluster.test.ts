// The real tmux of this machine, attached to as the portal does, on a pseudo-terminal of its own.
import "@/dev/unpooled-buffers";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import headless from "@xterm/headless";
import { expect, it, onTestFinished } from "vitest";
import { openLocalTerminal } from "@/lib/clusters/local-terminal";
import type { Run, TerminalChannel } from "@/lib/clusters/run";
import { tmuxOf } from "@/lib/terminals/tmux";
import { throughControl } from "@/lib/terminals/tmux-control";

const size = { cols: 80, rows: 24 };
const name = "berth-one";

/** A terminal in tmux that runs `sh`, and a way to attach to it. */
async function ground() {
  const home = mkdtempSync(join(tmpdir(), "tmux-"));
  mkdirSync(join(home, "tmp"));
  const env = { PATH: process.env.PATH, HOME: home, SHELL: "/bin/sh", TMUX_TMPDIR: home, PS1: "> " };
  const run: Run = ([file = "", ...args]) =>
    new Promise((done) => {
      execFile(file, args, { env: { ...env, NODE_ENV: "test" }, encoding: "buffer" }, (error, stdout, stderr) =>
        // A program's end without an exit code does not happen here.
        done({ code: error ? (error.code as number) : 0, stdout, stderr }),
      );
    });
  const ofHome = async (...words: string[]) => {
    const script = 'exec tmux -S "$HOME/.berth/tmux/$(uname -n)" "$@"';
    const { stdout } = await run(["sh", "-c", script, "sh", ...words], { user: "me" });
    return Buffer.from(stdout).toString().trim();
  };
  const tmux = tmuxOf(run, { user: "me", cluster: home, name });
  expect(await tmux.handsOn()).toBe(true);
  await tmux.open(size, 2000, ["/bin/sh"]);
  onTestFinished(async () => {
    await ofHome("kill-server");
    rmSync(home, { recursive: true, force: true });
  });
  /** A viewer, who sees every byte. */
  const attach = async (to = size) => {
    const argv = tmux.controlArgv;
    const control = await openLocalTerminal({ user: "me", ...to, argv }, env);
    return watch(await throughControl(control, { name, size: to, lines: 2000, stillThere: tmux.stillThere }), to);
  };
  return { tmux, attach, ofHome, run };
}

function watch(channel: TerminalChannel, to: typeof size) {
  const terminal = new headless.Terminal({ ...to, scrollback: 5000, allowProposedApi: true });
  let bytes = Buffer.alloc(0);
  channel.output.on("data", (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece]);
    terminal.write(piece);
  });
  onTestFinished(() => channel.hangUp());
  const { active } = terminal.buffer;
  const row = (at: number) => terminal.buffer.active.getLine(at)?.translateToString(true) ?? "";
  const screen = async () => {
    await new Promise<void>((done) => terminal.write("", done));
    const { length } = terminal.buffer.active;
    return Array.from({ length }, (_none, at) => row(at))
      .join("\n")
      .trimEnd();
  };
  return {
    channel,
    terminal,
    active,
    screen,
    output: () => bytes,
    type: (text: string | Uint8Array) => channel.write(Buffer.from(text)),
    shows: (text: RegExp) => expect.poll(screen).toMatch(text),
  };
}

const numbers = (text: string) =>
  text
    .split("\n")
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
const to300 = Array.from({ length: 300 }, (_none, at) => at + 1);

it("shows every line of what is longer than a screen, once and in order, and again to who comes later", async () => {
  const { attach } = await ground();
  const viewer = await attach();
  await viewer.type("seq 1 300; echo the-e''nd\r");
  await viewer.shows(/^the-end\n> $|^the-end\n>$/m);
  expect(numbers(await viewer.screen())).toEqual(to300);
  viewer.channel.hangUp();
  const again = await attach();
  await again.shows(/the-end/);
  expect(numbers(await again.screen())).toEqual(to300);
  expect(await again.screen()).toBe(await viewer.screen());
  await again.type("echo go''es-on\r");
  await again.shows(/^goes-on$/m);
});

it("takes every byte as it was typed, and gives every byte as it was written", async () => {
  const { attach } = await ground();
  const viewer = await attach();
  await viewer.type("stty raw -echo; echo re''ady; head -c 512 | od -An -v -tu1 -w512; stty sane\r");
  await viewer.shows(/^ready/m);
  const all = Uint8Array.from({ length: 512 }, (_none, at) => at % 256);
  await viewer.type(all);
  const written = () => / 0 {3}1 {3}2 [\d \r\n]* 255/.exec(viewer.output().toString("latin1"))?.[0] ?? "";
  await expect.poll(() => written().match(/\d+/g)?.map(Number)).toEqual([...all]);
  const before = viewer.output().length;
  await viewer.type("printf '\\303\\251\\\\ \\377\\0\\033[1mend\\n'\r");
  const bytes = Buffer.from("\xc3\xa9\\ \xff\x00\x1b[1mend\r\n", "latin1");
  await expect.poll(() => viewer.output().subarray(before).includes(bytes)).toBe(true);
});

it("has the size it is given, at once and later", async () => {
  const { attach } = await ground();
  const viewer = await attach({ cols: 101, rows: 31 });
  await viewer.type("stty size\r");
  await viewer.shows(/^31 101$/m);
  viewer.channel.resize({ cols: 40, rows: 20 });
  // tmux tells a program of the second size in a moment only.
  await viewer.type(`while [ "$(stty size)" != "20 40" ]; do sleep 0.05; done; echo is sm''all\r`);
  await viewer.shows(/^(> )?is small$/m);
});

/** What a terminal has beside its text. */
const state = ({ terminal }: ReturnType<typeof watch>) => {
  const { active } = terminal.buffer;
  const { applicationCursorKeysMode, mouseTrackingMode, wraparoundMode, originMode } = terminal.modes;
  return {
    ...{ type: active.type, x: active.cursorX, y: active.cursorY },
    ...{ applicationCursorKeysMode, mouseTrackingMode, wraparoundMode, originMode },
  };
};
const colourAt = ({ terminal }: ReturnType<typeof watch>, text: string, column: number) => {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_none, at) => active.getLine(at));
  const cell = lines.find((line) => line?.translateToString(true).startsWith(text))?.getCell(column);
  return [cell?.getFgColor(), cell?.getBgColor(), cell?.isBold() !== 0];
};

it("draws for who comes later an editor's screen, what is behind it, colours and modes", async () => {
  const { attach } = await ground();
  const viewer = await attach();
  await viewer.type("seq 1 60; printf '\\033[1;31;44mred on blue\\ntwo\\033[0m plain\\n'; seq 61 90\r");
  await viewer.shows(/\n90\n/);
  const editor =
    "\\033[?1049h\\033[?1h\\033[?1002h\\033[2J\\033[3;5H\\033[32mfile\\033[0m\\033[24;1H-- INSERT --\\033[7;9H";
  await viewer.type(`seq 91 130; printf '${editor}'; sleep 1000\r`);
  await viewer.shows(/INSERT/);
  const again = await attach();
  await again.shows(/INSERT/);
  expect(await again.screen()).toBe(await viewer.screen());
  expect(state(again)).toEqual(state(viewer));
  expect(state(again)).toMatchObject({ type: "alternate", x: 8, y: 6, mouseTrackingMode: "drag" });
  await again.type("\x03");
  await again.type("printf '\\033[?1049l\\033[?1002l'; echo do''ne\r");
  await again.shows(/^done$/m);
  expect(numbers(await again.screen())).toEqual(to300.slice(0, 130));
  expect(colourAt(again, "red on", 0)).toEqual([1, 4, true]);
  expect(colourAt(again, "two plain", 1)).toEqual([1, 4, true]);
  expect(colourAt(again, "two plain", 5)).toEqual([-1, -1, false]);
  expect(colourAt(again, "two plain", 70)).toEqual([-1, -1, false]);
});

it.each([
  [130, 40],
  [130, 12],
  [30, 40],
  [5, 40],
])("leaves %i lines behind an editor as they were, for who comes later with %i rows", async (count, rows) => {
  const { attach } = await ground();
  const viewer = await attach();
  await viewer.type(`seq 1 ${count}; echo re''ady\r`);
  await viewer.shows(/^ready\n> $|^ready\n>$/m);
  await viewer.type("printf '\\033[?1049h\\033[2J\\033[Hfile';read a;printf '\\033[?1049l';echo do''ne\r");
  await viewer.shows(/^file/m);
  const again = await attach({ cols: 80, rows });
  await again.shows(/^file/m);
  await again.type("\r");
  await again.shows(/^done$/m);
  const [, after = ""] = (await again.screen()).split("ready\n");
  expect(numbers(await again.screen())).toEqual(to300.slice(0, count));
  expect(after.split("\n").map((line) => line.slice(0, 6))).toEqual(["> prin", "done", ">"]);
});

it("goes on, for who comes later, with what was half a sequence", async () => {
  const { attach } = await ground();
  const viewer = await attach();
  await viewer.type("printf 'now \\033[38;2;10;'; read go; printf '20;30mred'; sleep 1000\r");
  await expect.poll(() => viewer.output().toString().endsWith("[38;2;10;")).toBe(true);
  const again = await attach();
  await again.type("\r");
  await expect
    .poll(() => again.output().toString().replaceAll("\r\n", "").split("\u001b").at(-1))
    .toBe("[38;2;10;20;30mred");
});

it("is answered by tmux when a program asks what its terminal is", async () => {
  const { attach } = await ground();
  const viewer = await attach();
  await viewer.type("stty raw -echo; printf '\\033[c'; head -c 4 | od -An -c; stty sane\r");
  await viewer.shows(/033 +\[ +\? +1/);
});

it("waits in a flood while nobody reads, then hears Ctrl-C at once", async () => {
  const { attach } = await ground();
  const viewer = await attach();
  await viewer.type("yes\r");
  await expect.poll(() => viewer.output().length).toBeGreaterThan(100_000);
  viewer.channel.output.pause();
  const { length } = viewer.output();
  await viewer.type("\x03");
  await viewer.type("echo ca''lm\r");
  viewer.channel.output.resume();
  await viewer.shows(/^(> )?calm$/m);
  expect(viewer.output().length - length).toBeLessThan(1_000_000);
});

it("lets go of one whose connection is lost: tmux would keep what it does not read", async () => {
  const { attach, ofHome } = await ground();
  const lost = await attach();
  lost.channel.output.pause();
  await attach();
  await lost.channel.gone;
  expect((await ofHome("list-clients")).split("\n")).toHaveLength(1);
});

it("says that it has gone when its shell ends, also before anybody saw it", async () => {
  const { attach, tmux } = await ground();
  const viewer = await attach();
  await viewer.type("exit\r");
  expect(await viewer.channel.gone).toMatchObject({ wasConnectionLost: false });
  expect(await tmux.stillThere()).toBe(false);
  const late = await attach();
  expect(await late.channel.gone).toMatchObject({ code: 1 });
});

it.each([
  ["another session's", "switch-client -t other"],
  ["another window's", "new-window"],
  ["another pane's", "split-window"],
])("lets go when the person's own tmux shows %s, and then shows what this one has", async (_what, command) => {
  const { attach, ofHome } = await ground();
  await ofHome("new-session", "-d", "-s", "other");
  const viewer = await attach();
  // Another session changes: that is nothing to this one.
  await ofHome("new-window", "-t", "other");
  await viewer.type("echo sti''ll here\r");
  await viewer.shows(/^still here$/m);
  await ofHome(...command.split(" "), ...(command.startsWith("switch") ? [] : ["-t", `=${name}:`]));
  await viewer.channel.gone;
  const again = await attach();
  await again.type(`tmux -S "$HOME/.berth/tmux/$(uname -n)" display-message -p '#S, window'\r`);
  await again.shows(/^([>#$] )?berth-one, window$/m);
});

it("leaves tmux inside to the person: theirs opens, shows nothing of ours, and nothing of ours ends with it", async () => {
  const { attach, tmux, run } = await ground();
  onTestFinished(async () => void (await run(["tmux", "kill-server"], { user: "me" })));
  const viewer = await attach();
  await viewer.type("tmux -f /dev/null new -s mine\r");
  await viewer.shows(/^\[mine\] /m);
  await viewer.type("tmux ls\r");
  await viewer.shows(/mine: .*\(attached\)$/m);
  expect(await viewer.screen()).not.toContain(name);
  await viewer.type("tmux kill-server\r");
  await viewer.shows(/server exited/);
  expect(await tmux.stillThere()).toBe(true);
  await viewer.type("echo go''es-on\r");
  await viewer.shows(/^(> )?goes-on$/m);
});
