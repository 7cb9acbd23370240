// A login shell through the portal's socket, beside ssh -tt and WeTTY to the same login node: how fast a flood comes, how
// long a key takes to its echo, how soon Ctrl-C ends a flood, and what an idle terminal costs.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { byHand } from "./by-hand";
import type { Context } from "./context";
import { interleaved, median, ratios, spreadOf } from "./measure";
import { atLeast, atMost, told, type Verdict } from "./report";
import { type BenchSite, type Person, person } from "./site";
import {
  type HeldBy,
  heard,
  portalShell,
  type Shell,
  sshShell,
  startWetty,
  until,
  untilPrompt,
  wettyShell,
} from "./terminal-sides";

const floodMB = 32;
/** How much of a flood is seen before it is interrupted. */
const floodBytes = 8_000_000;
const keys = 300;
/** As many as people may open within a minute: what one costs must not drown in what the heap keeps for all. */
const idle = 42;

/** MB/s of text from `cat` to whoever reads. */
async function throughput(shell: Shell, file: string): Promise<number> {
  const startedAt = performance.now();
  const done = until(shell, "flood-is-over");
  shell.type(`cat ${file}; echo flood-is-''over\r`);
  await done;
  return floodMB / ((performance.now() - startedAt) / 1000);
}

/** Milliseconds from each key to its echo, one after the other, by the terminal driver: cat(1) reads. */
async function echoes(shell: Shell): Promise<number[]> {
  const started = until(shell, "cat-reads");
  shell.type("echo cat-''reads; cat > /dev/null\r");
  await started;
  await pause(200);
  const took: number[] = [];
  for (let key = 0; key < keys; key += 1) {
    // A line that is never ended would fill the driver's buffer.
    if (key % 60 === 59) shell.type("\r");
    const letter = "abcdefghijklmnopqrstuvwxyz"[key % 26] ?? "a";
    const startedAt = performance.now();
    const seen = heard(shell, `an echo of ${letter}`, (_tail, bytes) => bytes.includes(letter));
    shell.type(letter);
    await seen;
    took.push(performance.now() - startedAt);
    // As people do: never the next key in the same instant.
    await pause(5);
  }
  const over = untilPrompt(shell);
  shell.type("\x03");
  await over;
  return took;
}

/** Milliseconds from Ctrl-C to the prompt, in the middle of yes(1). */
async function interrupt(shell: Shell): Promise<number> {
  let came = 0;
  const flows = heard(shell, "a flood", (_tail, bytes) => {
    came += bytes.length;
    return came > floodBytes;
  });
  shell.type("yes a line of a flood\r");
  await flows;
  const calm = untilPrompt(shell);
  const startedAt = performance.now();
  shell.type("\x03");
  await calm;
  return performance.now() - startedAt;
}

type Peer = "ssh" | "wetty";
type Sides = { portal: () => Promise<Shell> } & Partial<Record<Peer, () => Promise<Shell>>>;
type Measured<T> = { portal: T[] } & Record<Peer, T[]>;

async function using<T>(open: () => Promise<Shell>, work: (shell: Shell) => Promise<T>): Promise<T> {
  const shell = await open();
  return work(shell).finally(shell.end);
}

/** Every side in turn, `rounds` times; the warm-up's values are left out. */
async function measured<T>(rounds: number, sides: Sides, work: (shell: Shell) => Promise<T>): Promise<Measured<T>> {
  const all: Measured<T> = { portal: [], ssh: [], wetty: [] };
  const taking = Object.entries(sides).map(([name, open]) => [
    name,
    async () => {
      // The keys of `sides` are those of `all`.
      all[name as keyof Sides].push(await using(open, work));
      return 0;
    },
  ]);
  await interleaved(rounds, Object.fromEntries(taking));
  for (const values of Object.values(all)) values.shift();
  return all;
}

const quantileOf = (values: number[], part: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) * part)] ?? Number.NaN;

const against = (of: Measured<number>, peer: Peer, unit: string) => ({
  value: median(ratios(of.portal, of[peer])),
  figures: `${told(spreadOf(of.portal), unit)} against ${told(spreadOf(of[peer]), unit)}`,
});

async function judgeFlood(rounds: number, sides: Sides, file: string): Promise<Verdict[]> {
  const speed = await measured(rounds, sides, (shell) => throughput(shell, file));
  const what = `terminal throughput, ${floodMB} MB of text`;
  return [
    atLeast(0.8, { what, against: "ssh -tt", ...against(speed, "ssh", " MB/s") }),
    atLeast(0.8, { what, against: "WeTTY", ...against(speed, "wetty", " MB/s") }),
  ];
}

async function judgeKeys(rounds: number, sides: Sides, heldBy: HeldBy): Promise<Verdict[]> {
  const how = heldBy === "tmux" ? ", held by tmux" : "";
  const echo = await measured(rounds, sides, echoes);
  const ctrlC = await measured(rounds, sides, (shell) => interrupt(shell));
  const at = (part: number): Measured<number> => ({
    portal: echo.portal.map((took) => quantileOf(took, part)),
    ssh: echo.ssh.map((took) => quantileOf(took, part)),
    wetty: echo.wetty.map((took) => quantileOf(took, part)),
  });
  const [p50, p99] = [at(0.5), at(0.99)];
  const more = p99.portal.map((value, round) => value - (p99.ssh[round] ?? Number.NaN));
  const key = `keystroke echo${how}`;
  const wetty = { what: `${key}, p50`, against: "WeTTY", ...against(p50, "wetty", " ms") };
  return [
    atMost(2, { what: `${key}, p50`, against: "ssh -tt", ...against(p50, "ssh", " ms") }),
    ...(sides.wetty ? [atMost(0.7, wetty)] : []),
    atMost(5, {
      what: `${key}, p99, more than`,
      against: "ssh -tt",
      unit: " ms",
      ...{ value: median(more), figures: against(p99, "ssh", " ms").figures },
    }),
    atMost(200, {
      what: `Ctrl-C in a flood to the prompt${how}`,
      against: "a person's patience",
      unit: " ms",
      value: spreadOf(ctrlC.portal).high,
      figures: `${told(spreadOf(ctrlC.portal), " ms")}; ssh -tt ${told(spreadOf(ctrlC.ssh), " ms")}`,
    }),
  ];
}

const residentMB = (site: BenchSite): number =>
  (Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${site.pid()}/status`, "utf8"))?.[1]) * 1024) / 1e6;

async function atRest(site: BenchSite): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < 10; look += 1) {
    await pause(1000);
    looks.push(residentMB(site));
  }
  return Math.min(...looks);
}

/** MB for each idle terminal. The first ones pay for what all share: connections and code. */
async function idleMemory(site: BenchSite, people: Person[], heldBy: HeldBy): Promise<Verdict> {
  const [first, ...others] = people;
  if (!first) throw new Error("Nobody is there.");
  const open = async (who: Person, count: number) => {
    const shells: Shell[] = [];
    for (let made = 0; made < count; made += 1) shells.push(await portalShell(site, who, heldBy));
    return shells;
  };
  const openAll = async () =>
    (await Promise.all([first, ...others].map((one) => open(one, idle / people.length)))).flat();
  // As many twice before: what the first ones cost is the code that all share, and room that the heap keeps.
  for (let warmUp = 0; warmUp < 2; warmUp += 1) for (const { end } of await openAll()) await end();
  // One for each person stays: an SSH connection is the person's, not the terminal's.
  const before = (await Promise.all(people.map((one) => open(one, 1)))).flat();
  const base = await atRest(site);
  const shells = await openAll();
  const value = ((await atRest(site)) - base) / shells.length;
  for (const { end } of [...before, ...shells]) await end();
  return atMost(0.2, {
    what: `memory of an idle terminal${heldBy === "tmux" ? ", held by tmux" : ""}`,
    against: "the goal",
    unit: " MB",
    value,
    figures: `${shells.length} of them, shell open, empty screen`,
  });
}

export async function terminal({ site, port, rounds }: Context): Promise<Verdict[]> {
  const people = await Promise.all(["alice", "bob", "carol"].map((who) => person(site, who)));
  const [alice] = people;
  if (!alice) throw new Error("Alice is not there.");
  const file = "/tmp/berth-bench-flood";
  const line = `${"the quick brown fox jumps over the lazy dog ".repeat(2).slice(0, 78)}\n`;
  writeFileSync(file, line.repeat((floodMB * 1e6) / line.length), { mode: 0o644 });
  const hand = byHand(site, "alice");
  const { host, port: sshPort } = site.loginNode;
  const to = { host, port: sshPort, user: "alice", key: hand.key, knownHosts: join(hand.folder, "known_hosts") };
  const wetty = await startWetty(port + 14, to);
  const verdicts: Verdict[] = [];
  try {
    const ssh = () => sshShell(hand.argv);
    const plain = { portal: () => portalShell(site, alice, "portal"), ssh, wetty: () => wettyShell(wetty) };
    const inTmux = { portal: () => portalShell(site, alice, "tmux"), ssh };
    verdicts.push(...(await judgeFlood(rounds, plain, file)), ...(await judgeKeys(rounds, plain, "portal")));
    // Now, when the heap of a process that has just started has grown to what it keeps.
    verdicts.push(await idleMemory(site, people, "portal"), await idleMemory(site, people, "tmux"));
    verdicts.push(...(await judgeKeys(rounds, inTmux, "tmux")));
  } finally {
    await wetty.end();
    hand.end();
  }
  return verdicts;
}
