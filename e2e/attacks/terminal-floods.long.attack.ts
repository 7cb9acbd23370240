// Floods in many terminals at once, with readers that stopped and without any: memory stays, and others are served at once.
import { afterAll, expect, it } from "vitest";
import type { Api } from "@/e2e/api";
import { apiAs, residentMiB, send } from "@/e2e/attacks/site";
import { attached, endTerminal, hasPrompt, type OpenSocket, plainTerminal } from "@/e2e/attacks/terminal-socket";
import type { Answer } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";

const [dora, ...people] = [apiAs("dora"), apiAs("tess"), apiAs("paul")];

async function endAll(api: Api): Promise<void> {
  const { items } = await api.must<Answer<"terminals">>(paths.terminals());
  for (const { id: one } of items) await endTerminal(api, one);
}

afterAll(async () => {
  for (const api of [dora, ...people]) await endAll(api);
});

/** The most that the portal has grown by since it had `before` MiB, looked at `looks` times, each half a second. */
async function mostOver(before: number, looks: number): Promise<number> {
  let most = 0;
  for (let look = 0; look < looks; look += 1) {
    await new Promise((done) => setTimeout(done, 500));
    most = Math.max(most, residentMiB() - before);
  }
  return most;
}

it("C5 floods whose readers stopped, and floods that nobody sees, stay within 256 MB however long, and Ctrl-C is quick beside them", async () => {
  for (const api of people) await endAll(api);
  const floods = await Promise.all(
    people.flatMap((api) => Array.from({ length: 8 }, async () => ({ api, id: await plainTerminal(api) }))),
  );
  const sockets: OpenSocket[] = [];
  for (const { api, id: flood } of floods) sockets.push(await attached(api, flood));
  const before = residentMiB();
  for (const [at, socket] of sockets.entries()) {
    socket.type(at % 2 ? "yes the same again and again\r" : "cat /dev/urandom | base64\r");
    await expect.poll(socket.bytes, { timeout: 20_000 }).toBeGreaterThan(100_000);
    if (at % 4 === 0) socket.ws.terminate();
    else socket.stall();
  }
  // What each terminal may hold (the SSH window, what waits for a reader, its screen) is soon full. Garbage comes to that: the
  // young generation may grow to 134 MB. Sixteen floods of tens of megabytes a second would be past this bound in a moment.
  const early = await mostOver(before, 10);
  const late = await mostOver(before, 60);
  const took: number[] = [];
  const shell = await attached(dora, await plainTerminal(dora));
  for (let tries = 0; tries < 5; tries += 1) {
    const from = shell.bytes();
    shell.type("yes a line of a flood\r");
    await expect.poll(() => shell.bytes() - from, { timeout: 20_000 }).toBeGreaterThan(3_000_000);
    const startedAt = performance.now();
    shell.type("\x03");
    await expect.poll(() => shell.output().slice(-400), { timeout: 5_000, interval: 5 }).toSatisfy(hasPrompt);
    took.push(performance.now() - startedAt);
  }
  const grew = `${early.toFixed(1)} MiB in five seconds, ${late.toFixed(1)} in thirty more`;
  console.log(`C5: 16 floods: grew by ${grew}; Ctrl-C took ${took.map(Math.round)} ms`);
  for (const socket of sockets) socket.ws.terminate();
  await Promise.all(floods.map(({ api, id: flood }) => endTerminal(api, flood)));
  expect(Math.max(early, late)).toBeLessThan(256);
  // Of five the middle one: the floods take the processor, too, that this test itself needs.
  expect(took.toSorted((one, other) => one - other)[2]).toBeLessThan(200);
  expect((await send("/api/health")).status).toBe(200);
}, 180_000);
