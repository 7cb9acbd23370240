// Turns output into text that draws the same screen, in a worker thread shared by all terminals of the process: parsing a
// flood would hold up everybody else's keystrokes.
import { Worker } from "node:worker_threads";
import { once } from "@/lib/once";
import type { ScreenSize } from "@/lib/terminals/schema";
import type { ScreenJob, ScreenStep } from "@/lib/terminals/screen-worker";

type Waiting = { done: (screen: string) => void; failed: (error: Error) => void };
type Artist = { worker: Worker | null; waiting: Map<number, Waiting>; lastId: number };

const artist = () => once("terminals.artist", (): Artist => ({ worker: null, waiting: new Map(), lastId: 0 }));

function failAll(error: Error): void {
  const { waiting } = artist();
  artist().worker = null;
  for (const { failed } of waiting.values()) failed(error);
  waiting.clear();
}

function worker(): Worker {
  const state = artist();
  if (state.worker) return state.worker;
  // Built, it is a bundle beside the server's; else Node runs the source as it is.
  const file = import.meta.url.endsWith(".mjs") ? "./screen-worker.mjs" : "./screen-worker.ts";
  const started = new Worker(new URL(file, import.meta.url), { execArgv: [] });
  started.on("message", ({ id, screen, error }: { id: number; screen?: string; error?: string }) => {
    const waiting = state.waiting.get(id);
    state.waiting.delete(id);
    if (error === undefined) waiting?.done(screen ?? "");
    else waiting?.failed(new Error(error));
  });
  started.on("error", failAll);
  started.on("exit", () => failAll(new Error("The screen worker ended")));
  started.unref();
  state.worker = started;
  return started;
}

export type Drawing = { base: string; size: ScreenSize; steps: ScreenStep[]; scrollback: number };

/** Text that draws what `steps` make of the screen that `base` draws at `size`, with the last `scrollback` lines above it. */
export function drawScreen({ base, size, steps, scrollback }: Drawing): Promise<string> {
  const { promise, resolve: done, reject: failed } = Promise.withResolvers<string>();
  const state = artist();
  state.lastId += 1;
  state.waiting.set(state.lastId, { done, failed });
  const job: ScreenJob = { id: state.lastId, base, ...size, steps, scrollback };
  worker().postMessage(job);
  return promise;
}
