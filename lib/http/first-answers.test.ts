import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { forgetOnce } from "@/dev/forget-once";
import type { PersonActor } from "@/lib/actor";
import { endpoint } from "@/lib/endpoint";
import { documentHeader, nowhere } from "@/lib/gateway/portal-headers";
import { eventsSeen, firstAnswers } from "@/lib/http/first-answers";

const document = async (seen = "epoch-7") => new Headers({ [documentHeader]: seen });

const actor: PersonActor = {
  ...{ kind: "user", userId: "ann", via: "l", name: "Ann", roles: [], groups: [] },
  scopes: ["sessions:read"],
};
const answer = z.object({ items: z.array(z.string()) });
const plain = endpoint({ method: "GET", path: "/api/plain", summary: "", scope: "sessions:read", answer });
const asked = (key: string, verb: () => Promise<unknown>, more = {}) => ({
  key: [key],
  endpoint: { ...plain, ...more },
  verb,
});
const items = async () => ({ items: ["one"], secret: "never leaves" });

/** The answers to a request for a whole page, by key. */
async function answersTo(...questions: ReturnType<typeof asked>[]) {
  const { answers } = await firstAnswers(actor, questions, document());
  return Object.fromEntries(answers.map(([key, value]) => [key.join(), value]));
}

afterEach(() => {
  forgetOnce("rate:GET /api/plain:300");
  forgetOnce("rate:GET /api/plain:2");
});

it("says what the endpoint would: nothing that its schema does not promise", async () => {
  expect(await answersTo(asked("a", items))).toEqual({ a: { items: ["one"] } });
});

it("leaves out what fails, what is none of the person's and what is slow, and keeps the rest", async () => {
  // One of them never answers.
  const found = await answersTo(
    asked("a", items),
    asked("fails", () => Promise.reject(new Error("away"))),
    asked("malformed", async () => ({ items: 7 })),
    asked("not theirs", items, { scope: "admin:write" }),
    asked("slow", () => new Promise(() => {})),
  );
  expect(found).toEqual({ a: { items: ["one"] } });
});

it("counts as the API's own questions do, and beyond the limit leaves them to it", async () => {
  const few = asked("a", items, { perMinute: 2 });
  expect(await answersTo(few)).not.toEqual({});
  expect(await answersTo(few)).not.toEqual({});
  expect(await answersTo(few)).toEqual({});
});

it("asks nothing for a part of a page: the browser that wants one has its answers", async () => {
  const verb = vi.fn(items);
  const part = Promise.resolve(new Headers());
  expect((await firstAnswers(actor, [asked("a", verb)], part)).answers).toEqual([]);
  expect(verb).not.toHaveBeenCalled();
});

it("knows where events were when the page was asked for, if anybody listened", async () => {
  expect(await eventsSeen(document("epoch-7"))).toBe("epoch-7");
  expect(await eventsSeen(document(nowhere))).toBeNull();
});
