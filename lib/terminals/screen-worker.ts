// A worker thread: draws output on a screen that nobody sees, and answers with text that draws the same screen again.
// Runs under plain Node, so it imports packages only. One job at a time, in order.
import { parentPort } from "node:worker_threads";
import { SerializeAddon } from "@xterm/addon-serialize";
import headless from "@xterm/headless";

export type ScreenStep = { bytes: Uint8Array } | { cols: number; rows: number };
export type ScreenJob = {
  id: number;
  base: string;
  cols: number;
  rows: number;
  steps: ScreenStep[];
  scrollback: number;
};

async function draw({ base, cols, rows, steps, scrollback }: ScreenJob): Promise<string> {
  const terminal = new headless.Terminal({ cols, rows, scrollback, allowProposedApi: true });
  const serializer = new SerializeAddon();
  // The add-on is written against the terminal of browsers; this one has the same buffer and modes.
  terminal.loadAddon(serializer as unknown as Parameters<typeof terminal.loadAddon>[0]);
  const write = (data: string | Uint8Array) => new Promise<void>((done) => terminal.write(data, done));
  try {
    if (base) await write(base);
    for (const step of steps) {
      if ("bytes" in step) await write(step.bytes);
      else terminal.resize(step.cols, step.rows);
    }
    return serializer.serialize({ scrollback });
  } finally {
    terminal.dispose();
  }
}

let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (job: ScreenJob) => {
  last = last.then(async () => {
    const answer = await draw(job).then(
      (screen) => ({ id: job.id, screen }),
      (error: unknown) => ({ id: job.id, error: String(error) }),
    );
    parentPort?.postMessage(answer);
  });
});
