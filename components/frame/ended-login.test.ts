import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ask } from "@/components/api";
import { giveUp, stayHere } from "@/components/files/stay-here";
import { endedLogin } from "@/components/frame/ended-login";
import { holdHere } from "@/components/ui/leaving";

const assign = vi.fn();
let status = 401;
const asked = () => ask<"me">("/api/me").catch(() => undefined);
const signIn = "/sign-in?problem=expired&from=%2Ffiles%2Fhpc%2F~%3Ffile%3Djob.sh";

beforeEach(async () => {
  vi.stubGlobal("window", {
    location: { pathname: "/files/hpc/~", search: "?file=job.sh", assign },
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
  });
  vi.stubGlobal("fetch", async () => Response.json({ code: "unauthenticated" }, { status }));
  // What tests of other files left under way is none of ours; what the test before left behind ends with a good answer.
  giveUp();
  status = 200;
  await asked();
  status = 401;
  assign.mockClear();
});
afterEach(() => vi.unstubAllGlobals());

it("leads to the sign-in and back to this page, once for all the answers that say so", async () => {
  await Promise.all([asked(), asked()]);
  await asked();
  expect(assign.mock.calls).toEqual([[signIn]]);
});

it("stays and says so while something here is not saved, until it is", async () => {
  const letGo = holdHere(() => undefined);
  await asked();
  await asked();
  expect(assign).not.toHaveBeenCalled();
  expect(endedLogin.now()).toBe(true);
  letGo();
  await asked();
  expect(assign.mock.calls).toEqual([[signIn]]);
});

it("stays while files are under way", async () => {
  stayHere("uploads", true);
  await asked();
  expect(assign).not.toHaveBeenCalled();
  expect(endedLogin.now()).toBe(true);
  stayHere("uploads", false);
});

it("takes its word back after a good answer, and leads to the sign-in again the next time", async () => {
  const told = vi.fn();
  const forget = endedLogin.follow(told);
  await asked();
  status = 200;
  await asked();
  expect(endedLogin.now()).toBe(false);
  expect(told).toHaveBeenCalledTimes(2);
  status = 401;
  await asked();
  expect(assign).toHaveBeenCalledTimes(2);
  forget();
});

it("takes no other refusal for the end of the login, nor for a login", async () => {
  status = 403;
  await asked();
  expect(endedLogin.now()).toBe(false);
  status = 401;
  await asked();
  status = 503;
  await asked();
  expect(endedLogin.now()).toBe(true);
});
