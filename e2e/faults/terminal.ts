// A terminal on the login node while something breaks: the shell stays the same one, and types once what was typed.
import { expect } from "vitest";
import { socketWith, type TestViewer, viewTerminal } from "@/dev/test-viewer";
import type { Api } from "@/e2e/api";
import { api as paths } from "@/lib/paths";
import type { TerminalView } from "@/lib/terminals/schema";
import { until } from "./until";

export type CountingShell = {
  /** Has the shell count one on; throws when a line is missing or there twice among those so far, scrolled away or not. */
  count: () => Promise<void>;
  /** More lines than fit on the screen. */
  scroll: () => Promise<void>;
  /** Waits until its viewer was told since the last line that it is lost, and it is drawn and open again. */
  isBack: () => Promise<void>;
  close: () => void;
};

const scrolledLines = 200;

/** A viewer of a new terminal, which comes back by itself as a page does. */
async function viewNew(api: Api): Promise<TestViewer> {
  const { id } = await api.must<TerminalView>(paths.terminals(), { method: "POST", body: { cluster: "hpc" } });
  const { secret, portal } = api;
  return viewTerminal({
    socket: () =>
      socketWith(`${portal.url.replace(/^http/, "ws")}${paths.terminalSocket(id)}`, {
        authorization: `Bearer ${secret}`,
      }),
    ticket: async () => (await api.must<{ ticket: string }>(paths.terminalTicket(id), { method: "POST" })).ticket,
  });
}

/** Waits until a new terminal, which cannot be opened, says so with `words`. */
export async function refusesToOpen(api: Api, words: string): Promise<void> {
  const viewer = await viewNew(api);
  await until(`a terminal says ${words}`, 30, () => JSON.stringify(viewer.status()).includes(words)).finally(
    viewer.close,
  );
}

/** A new terminal whose shell has counted to one. */
export async function openShell(api: Api): Promise<CountingShell> {
  const viewer = await viewNew(api);
  const said: string[] = [];
  let counted = 0;
  let [waits, redraws] = [0, 0];
  const lines = async () => (await viewer.screen()).split("\n").filter((line) => /^(count|line)-\d+$/.test(line));
  const hear = async (command: string, more: string[]) => {
    said.push(...more);
    viewer.type(`${command}\r`);
    await until(`the shell says ${more.at(-1)}`, 30, async () => (await lines()).includes(more.at(-1) ?? ""));
    expect(await lines()).toEqual(said);
    [waits, redraws] = [viewer.waits(), viewer.redraws()];
  };
  const count = () => {
    counted += 1;
    return hear("n=$((n + 1)); echo count-$n", [`count-${counted}`]);
  };
  const scroll = () =>
    hear(
      `seq -f line-%g ${scrolledLines}`,
      Array.from({ length: scrolledLines }, (_, index) => `line-${index + 1}`),
    );
  const isBack = async () => {
    await until("the terminal is back", 30, () => {
      const status = viewer.status();
      if (status.kind !== "open") throw new Error(JSON.stringify(status));
      return viewer.waits() > waits && viewer.redraws() > redraws;
    });
  };
  await until("a prompt", 30, async () => /\$ *$/.test(await viewer.screen()));
  await count();
  return { count, scroll, isBack, close: viewer.close };
}

/** Ends every terminal of the person. */
export async function endTerminals(api: Api): Promise<void> {
  const { items } = await api.must<{ items: TerminalView[] }>(paths.terminals());
  for (const { id, state } of items) if (state !== "ended") await api.must(paths.endTerminal(id), { method: "POST" });
}
