import { MutationObserver, onlineManager, QueryObserver } from "@tanstack/react-query";
import { expect, it, onTestFinished, vi } from "vitest";
import { ask } from "@/components/api";
import { makeQueryClient } from "@/components/frame/query-client";

function offline() {
  const fetched = vi.fn(() => Promise.reject(new TypeError("Failed to fetch")));
  vi.stubGlobal("fetch", fetched);
  onlineManager.setOnline(false);
  onTestFinished(() => {
    onlineManager.setOnline(true);
    vi.unstubAllGlobals();
  });
  return fetched;
}

it("fails what is done without a network at once, and does it neither then nor later", async () => {
  const fetched = offline();
  const client = makeQueryClient();
  client.mount();
  onTestFinished(() => client.unmount());
  const stop = new MutationObserver(client, { mutationFn: () => ask("/api/sessions/one/stop", { method: "POST" }) });
  onTestFinished(stop.subscribe(() => undefined));
  const done = stop.mutate().catch((error: Error) => error.message);
  await vi.waitFor(() => expect(stop.getCurrentResult().status).toBe("error"));
  expect(await done).toContain("The portal cannot be reached");
  fetched.mockClear();
  onlineManager.setOnline(true);
  await client.resumePausedMutations();
  expect(fetched).not.toHaveBeenCalled();
});

it("asks what a page shows as soon as the network is back", async () => {
  const fetched = offline();
  const client = makeQueryClient();
  client.mount();
  onTestFinished(() => client.unmount());
  const me = new QueryObserver(client, { queryKey: ["me"], queryFn: () => ask<"me">("/api/me") });
  onTestFinished(me.subscribe(() => undefined));
  expect(me.getCurrentResult().fetchStatus).toBe("paused");
  expect(fetched).not.toHaveBeenCalled();
  fetched.mockImplementation((() => Promise.resolve(Response.json({ name: "Alice" }))) as never);
  onlineManager.setOnline(true);
  await vi.waitFor(() => expect(me.getCurrentResult().data).toEqual({ name: "Alice" }));
});
