// A terminal on the login node while something breaks: the shell stays the same one, and types once what was typed.
import { expect } from "vitest";
import { socketWith, type TestViewer, viewTerminal } from "@/dev/test-viewer";
import type { Api } from "@/e2e/api";
import { api as paths } from "@/lib/paths";
import type { TerminalView } from "@/lib/terminals/schema";
import { until } from "./until";

export type CountingShell = {
  /** Has the shell count one on; throws when a number is missing or there twice among the lines so far. */
  count: () => Promise<void>;
  /** Waits until it was lost since the last count, and is drawn and open again. */
  isBack: () => Promise<void>;
  close: () => void;
};

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

/** A new terminal whose shell has counted to one. */
export async function openShell(api: Api): Promise<CountingShell> {
  const viewer = await viewNew(api);
  const counted: string[] = [];
  let redraws = 0;
  const lines = async () => (await viewer.screen()).split("\n").filter((line) => /^count-\d+$/.test(line));
  const count = async () => {
    const next = `count-${counted.length + 1}`;
    counted.push(next);
    viewer.type("n=$((n + 1)); echo count-$n\r");
    await until(`the shell says ${next}`, 30, async () => (await lines()).includes(next));
    expect(await lines()).toEqual(counted);
    redraws = viewer.redraws();
  };
  const isBack = async () => {
    await until("the terminal is back", 30, () => {
      const status = viewer.status();
      if (status.kind !== "open") throw new Error(JSON.stringify(status));
      return viewer.redraws() > redraws;
    });
  };
  await until("a prompt", 30, async () => /\$ *$/.test(await viewer.screen()));
  await count();
  return { count, isBack, close: viewer.close };
}

/** Ends every terminal of the person. */
export async function endTerminals(api: Api): Promise<void> {
  const { items } = await api.must<{ items: TerminalView[] }>(paths.terminals());
  for (const { id, state } of items) if (state !== "ended") await api.must(paths.endTerminal(id), { method: "POST" });
}
