import { describe, expect, it, vi } from "vitest";
import { PortalError } from "@/lib/errors";
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

  it("that was known holds for two minutes while the database is away, unless a change of it was told", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const away = new PortalError("unavailable", "The database does not answer.");
      const load = vi.fn().mockResolvedValueOnce(route("ready")).mockRejectedValue(away);
      const routes = cachedRoutes(load);
      await routes.get("s");
      vi.advanceTimersByTime(110_000);
      expect((await routes.get("s"))?.state).toBe("ready");
      vi.advanceTimersByTime(15_000);
      await expect(routes.get("s")).rejects.toBe(away);
      load.mockResolvedValueOnce(route("ready"));
      await routes.get("s");
      routes.forget("s");
      await expect(routes.get("s")).rejects.toBe(away);
    } finally {
      vi.useRealTimers();
    }
  });
});
