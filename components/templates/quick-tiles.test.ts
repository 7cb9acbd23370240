import { describe, expect, it } from "vitest";
import { quickTiles } from "@/components/templates/quick-tiles";
import type { SessionView } from "@/lib/sessions/schema";
import type { TemplateView } from "@/lib/templates/schema";

/** Only what tiles look at. */
const template = (name: string, available: boolean | null = true, modules = false) =>
  ({ name, title: name, clusters: [{ available, modules }] }) as TemplateView;
const session = (id: string, name: string, more: Partial<SessionView> = {}) =>
  ({
    id,
    name,
    template: name,
    templateTitle: name,
    endReason: null,
    request: { template: name, cpus: 1 },
    ...more,
  }) as SessionView;

describe("the tiles of quick launch", () => {
  it("are the last different requests, then templates", () => {
    const recent = [session("1", "a"), session("2", "a"), session("3", "b")];
    expect(quickTiles([template("a"), template("b")], recent).map(({ key }) => key)).toEqual(["1", "3", "a", "b"]);
  });

  it("offer nothing that was refused, and no template that is gone or runs nowhere", () => {
    const recent = [session("1", "a", { endReason: "rejected" }), session("2", "gone")];
    expect(quickTiles([template("a"), template("b", false)], recent).map(({ key }) => key)).toEqual(["a"]);
  });

  it("offer what the host lacks where modules may have it", () => {
    expect(quickTiles([template("a", false, true)], []).map(({ key }) => key)).toEqual(["a"]);
  });

  it("tell requests apart by all that was asked for", () => {
    const on = (id: string, folder: string) =>
      session(id, "a", {
        request: { template: "a", cpus: 1, parameters: { folder } } as unknown as SessionView["request"],
      });
    const recent = [on("1", "/data/a"), on("2", "/data/b"), on("3", "/data/a")];
    expect(quickTiles([template("a")], recent).map(({ key }) => key)).toEqual(["1", "2", "a"]);
  });
});
