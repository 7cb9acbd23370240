import { Readable } from "node:stream";
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { useConfig } from "@/dev/test-portal";
import type { Actor } from "@/lib/actor";
import * as clusters from "@/lib/clusters/cluster";
import type { TerminalChannel, TerminalOptions } from "@/lib/clusters/run";
import { openShell } from "@/lib/terminals/open-shell";
import type { TerminalRow } from "@/lib/terminals/store";

const size = { cols: 80, rows: 24 };
const never = new Promise<never>(() => {});

beforeEach(() => useConfig({}));

/** A cluster whose tmux has the shell, or makes it, and on which attaching to it says `said` and exits with 1. */
function ground(said: string) {
  const asked: string[] = [];
  const answers: Record<string, string> = { open: "made", how: "control", there: "there", end: "ended" };
  const run = async (argv: string[]) => {
    const what = argv[4] ?? "";
    asked.push(what);
    return { code: 0, stdout: Buffer.from(answers[what] ?? ""), stderr: Buffer.alloc(0) };
  };
  const terminal = async ({ argv }: TerminalOptions): Promise<TerminalChannel> => {
    const isTmux = argv !== undefined;
    asked.push(isTmux ? (argv[4] ?? "") : "a login shell");
    const output = isTmux ? Readable.from([Buffer.from(said)]) : new Readable({ read: () => {} });
    const gone = isTmux ? Promise.resolve({ code: 1, wasConnectionLost: false }) : never;
    return { output, gone, write: async () => {}, resize: () => {}, hangUp: () => {} };
  };
  const at = { config: {}, reach: { run, terminal }, scheduler: {} } as unknown as clusters.Cluster;
  const spy = vi.spyOn(clusters, "cluster").mockReturnValue(at);
  onTestFinished(() => spy.mockRestore());
  const row = { id: "a", cluster: Math.random().toString(), unixAccount: "alice", folder: null, sessionId: null };
  const open = (more: object) => openShell({ ...row, heldBy: null, ...more } as TerminalRow, size, {} as Actor);
  return { open, asked };
}

it("says what tmux says that does not let it be attached to, though it still has the shell", async () => {
  const { open, asked } = ground("open terminal failed: not a terminal\r\n");
  await expect(open({ state: "open", heldBy: "tmux" })).rejects.toMatchObject({
    code: "cluster",
    words: "open terminal failed: not a terminal",
  });
  expect(asked).toEqual(["there", "how", "control", "there"]);
});

it("opens a shell that the portal holds where tmux makes one and does not let it be attached to", async () => {
  const { open, asked } = ground("%begin 1 2 0\nno such thing\n%error 1 2 0\n%exit\n");
  expect(await open({ state: "new" })).toMatchObject({ heldBy: "portal" });
  expect(asked).toEqual(["there", "open", "how", "control", "there", "end", "a login shell"]);
});
