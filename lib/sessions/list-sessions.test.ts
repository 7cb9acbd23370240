import { describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { db } from "@/lib/db";
import { endpoints } from "@/lib/endpoints";
import { issueTicket } from "@/lib/gateway/issue-ticket";
import { createSession } from "@/lib/sessions/create-session";
import { getSession, listSessions } from "@/lib/sessions/list-sessions";
import { readLog } from "@/lib/sessions/read-log";
import { acceptedRequest, resourceRequest } from "@/lib/sessions/schema";

useDatabase();
useFakeCluster();

describe("the search of sessions", () => {
  it("takes what is typed for itself, not for a pattern", async () => {
    const kai = await person("kai");
    const names = ["50% done", "under_score", "back\\slash", "Plain"];
    for (const name of names) await createSession(kai, request({ name }), name);
    const found = async (search: string) =>
      (await listSessions(kai, { limit: 50, search })).items.map((session) => session.name).sort();
    expect(await found("%")).toEqual(["50% done"]);
    expect(await found("r_s")).toEqual(["under_score"]);
    expect(await found("k\\s")).toEqual(["back\\slash"]);
    expect(await found("pLAIN")).toEqual(["Plain"]);
    expect(await found("pl\0ain")).toEqual(["Plain"]);
    expect(await found("nothing like it")).toEqual([]);
  });

  it("never finds somebody else's", async () => {
    const [lou, max] = [await person("lou"), await person("max")];
    const { id } = await createSession(lou, request({ name: "secret plan" }), "s");
    expect((await listSessions(max, { limit: 50, search: "secret" })).items).toEqual([]);
    expect((await listSessions(max, { limit: 50, search: id })).items).toEqual([]);
  });
});

describe("a session of earlier rules", () => {
  it("is shown with all that was asked for, and costs no list", async () => {
    const una = await person("una");
    const { id } = await createSession(una, request({ name: "old" }), "old");
    const full = request({
      ...{ name: "old", partition: "-p", account: "a b", qos: "?", reservation: "r r", constraint: "-c", gpuType: "-" },
      ...{ nodes: 20_000, cpus: 200_000, memoryGiB: 0.01, gpus: -1, scratchGiB: -1, minutes: 1e6, workdir: ".." },
      ...{ software: { kind: "modules", modules: ["../x"] }, parameters: { "A-B": "\u0007" } },
    });
    await db().session.update({ where: { id }, data: { request: full } });
    const answer = endpoints.sessions.answer?.parse(await listSessions(una, { limit: 5 }));
    expect(answer?.items).toMatchObject([{ id, request: full }]);
    expect(Object.keys(acceptedRequest.shape).toSorted()).toEqual(Object.keys(resourceRequest.shape).toSorted());
  });
});

describe("the list of everyone's sessions", () => {
  const ids = (page: { items: { id: string }[] }) => page.items.map(({ id }) => id);

  it("is for operators and administrators, names the owners, and is searched by them", async () => {
    const [uma, vic] = [await person("uma"), await person("vic")];
    const [one, two] = [await createSession(uma, request(), "1"), await createSession(vic, request(), "2")];
    for (const role of ["operator", "admin"] as const) {
      const staff = { ...(await person("staff")), roles: [role] };
      const all = await listSessions(staff, { limit: 200, owner: "everyone" });
      expect(ids(all)).toEqual(expect.arrayContaining([one.id, two.id]));
      expect(all.items.find(({ id }) => id === one.id)?.owner).toEqual({ id: uma.userId, name: "uma" });
      expect(ids(await listSessions(staff, { limit: 200, owner: "everyone", search: "VIC" }))).toEqual([two.id]);
      expect(ids(await listSessions(staff, { limit: 200, owner: "me" }))).toEqual([]);
    }
    const everyone = listSessions(uma, { limit: 200, owner: "everyone" });
    await expect(everyone).rejects.toMatchObject({ code: "forbidden" });
    expect((await listSessions(uma, { limit: 200 })).items[0]).not.toHaveProperty("owner.name");
  });

  it("opens nothing: the session itself, its log and its app are its owner's alone", async () => {
    const { id } = await createSession(await person("wim"), request(), "closed");
    const admin = { ...(await person("staff")), roles: ["admin" as const] };
    for (const ask of [() => getSession(admin, id), () => readLog(admin, id, 10), () => issueTicket(admin, id)]) {
      await expect(ask()).rejects.toMatchObject({ code: "not_found" });
    }
  });
});

describe("the cursor of sessions", () => {
  it.each([
    "x",
    "1",
    "1.",
    ".a",
    "-8640000000000000.abcdefghij012345",
    "1e400.abcdefghij012345",
    "1.\0",
    "1.a' or 1=1",
  ])("%j is no cursor", async (cursor) => {
    const nia = await person("nia");
    await expect(listSessions(nia, { limit: 5, cursor })).rejects.toMatchObject({ code: "invalid" });
  });

  it("goes by the end where ended sessions are asked for, however long ago they were launched", async () => {
    const ria = await person("ria");
    const made = [];
    for (const name of ["first", "second", "third"]) made.push((await createSession(ria, request({ name }), name)).id);
    const ends = [3000, 1000, 2000].map((ms) => new Date(1_790_000_000_000 + ms));
    for (const [index, id] of made.entries())
      await db().session.update({
        where: { id },
        data: { state: "ended", endReason: "finished", endedAt: ends[index] },
      });
    const one = await listSessions(ria, { state: "ended", limit: 2 });
    const rest = await listSessions(ria, { state: "ended", limit: 2, cursor: one.nextCursor ?? "" });
    expect([...one.items, ...rest.items].map(({ name }) => name)).toEqual(["first", "third", "second"]);
    expect(rest.nextCursor).toBeNull();
  });

  it("loses and repeats nothing among sessions of the same instant", async () => {
    const oli = await person("oli");
    const ids = [];
    for (let count = 0; count < 5; count += 1) ids.push((await createSession(oli, request(), `o${count}`)).id);
    await db().session.updateMany({
      where: { ownerId: oli.userId },
      data: { submittedAt: new Date(1_790_000_000_123) },
    });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listSessions(oli, { limit: 2, cursor });
      seen.push(...page.items.map((session) => session.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });
});
