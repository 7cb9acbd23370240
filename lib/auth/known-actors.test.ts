import { beforeEach, expect, it, vi } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import type { PersonActor } from "@/lib/actor";
import { forget, knownActor } from "@/lib/auth/known-actors";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";

const away = () => Promise.reject(new PortalError("unavailable", "The database does not answer."));
const ann: PersonActor = { kind: "user", userId: "ann", via: "l", name: "Ann", roles: [], groups: [], scopes: [] };
const found = async () => ({ actor: ann, expiresAt: new Date(Date.now() + 3_600_000) });

beforeEach(() => {
  forgetOnce("auth.known");
  // As if the database were listened to already.
  once("auth.known", () => ({ entries: new Map(), handlers: new Set(), listening: Promise.resolve() }));
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
  return () => vi.useRealTimers();
});

it("holds for two minutes while the database is away, and no longer", async () => {
  expect(await knownActor("login l", found)).toEqual(ann);
  vi.advanceTimersByTime(110_000);
  expect(await knownActor("login l", away)).toEqual(ann);
  vi.advanceTimersByTime(15_000);
  await expect(knownActor("login l", away)).rejects.toMatchObject({ code: "unavailable" });
});

it("does not hold for whom a change was told of: they may have been shut out", async () => {
  await knownActor("login l", found);
  forget("ann");
  await expect(knownActor("login l", away)).rejects.toMatchObject({ code: "unavailable" });
});

it("does not hold for somebody who was not good when last asked", async () => {
  expect(await knownActor("login l", async () => null)).toBeNull();
  vi.advanceTimersByTime(10_000);
  expect(await knownActor("login l", away)).toBeNull();
});

it("is remembered while strangers guess more tokens than are remembered, if asked for meanwhile", async () => {
  const guess = async (from: number, to: number) => {
    for (let count = from; count < to; count += 1) await knownActor(`token ${count}`, async () => null);
  };
  const look = vi.fn(found);
  await knownActor("login l", look);
  await guess(0, 15_000);
  // Older than what is taken on trust: asked anew.
  vi.advanceTimersByTime(6_000);
  await knownActor("login l", look);
  await guess(15_000, 30_000);
  await knownActor("login l", look);
  expect(look).toHaveBeenCalledTimes(2);
});
