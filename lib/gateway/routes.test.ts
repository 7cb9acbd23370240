import { describe, expect, it, vi } from "vitest";
import { PortalError } from "@/lib/errors";
import { lastAnswer } from "@/lib/gateway/last-answer";
import { cachedRoutes, type Route } from "@/lib/gateway/routes";

const route = (state: Route["state"]): Route => ({
  id: "s",
  ownerId: "o",
  name: "n",
  template: "t",
  cluster: "c",
  unixAccount: "u",
  state,
  endDetail: null,
  nodeAddress: null,
  port: null,
  connectionId: null,
  host: null,
  secret: null,
  manifest: null,
});

describe("a route", () => {
  it("is asked for once while it is fresh, however many want it", async () => {
    const load = vi.fn(async () => route("ready"));
    const routes = cachedRoutes(load);
    await Promise.all(Array.from({ length: 50 }, () => routes.get("s")));
    await routes.get("s");
    expect(load).toHaveBeenCalledTimes(1);
    await routes.get("other");
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("is asked for again after five seconds at most", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const load = vi.fn(async () => route("ready"));
      const routes = cachedRoutes(load);
      await routes.get("s");
      vi.advanceTimersByTime(5_000);
      await routes.get("s");
      expect(load).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is not the old one when a change came while it was being read", async () => {
    const reading = Promise.withResolvers<Route>();
    const answers = [reading.promise, Promise.resolve(route("ended"))];
    const routes = cachedRoutes(async () => (await answers.shift()) ?? null);
    const before = routes.get("s");
    routes.forget("s");
    const after = routes.get("s");
    reading.resolve(route("ready"));
    expect((await before)?.state).toBe("ready");
    expect((await after)?.state).toBe("ended");
    expect((await routes.get("s"))?.state).toBe("ended");
  });

  it("that could not be read is not remembered as missing", async () => {
    const load = vi.fn().mockRejectedValueOnce(new Error("gone")).mockResolvedValue(route("ready"));
    const routes = cachedRoutes(load);
    await expect(routes.get("s")).rejects.toThrow("gone");
    expect((await routes.get("s"))?.state).toBe("ready");
  });
});

describe("the last answer", () => {
  const away = new PortalError("unavailable", "The database does not answer.");

  it("stands in while the database is away, for the same question only", async () => {
    const ask = vi.fn().mockResolvedValueOnce("yes").mockRejectedValue(away);
    const answer = lastAnswer<string, string>(ask, (question) => question);
    expect(await answer("a")).toBe("yes");
    expect(await answer("a")).toBe("yes");
    await expect(answer("b")).rejects.toBe(away);
  });

  it("does not hide a mistake of ours, nor a later answer", async () => {
    const ask = vi
      .fn()
      .mockResolvedValueOnce(true)
      .mockRejectedValueOnce(new Error("bug"))
      .mockResolvedValueOnce(false)
      .mockRejectedValue(away);
    const answer = lastAnswer<string, boolean>(ask, (question) => question);
    expect(await answer("a")).toBe(true);
    await expect(answer("a")).rejects.toThrow("bug");
    expect(await answer("a")).toBe(false);
    expect(await answer("a")).toBe(false);
  });

  it("is not believed for longer than five minutes", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const ask = vi.fn().mockResolvedValueOnce(true).mockRejectedValue(away);
      const answer = lastAnswer<string, boolean>(ask, (question) => question);
      await answer("a");
      vi.advanceTimersByTime(301_000);
      await expect(answer("a")).rejects.toBe(away);
    } finally {
      vi.useRealTimers();
    }
  });
});
