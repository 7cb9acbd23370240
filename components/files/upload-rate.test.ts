import { expect, it } from "vitest";
import { rateOf, sampled, secondsLeft } from "@/components/files/upload-rate";

it("the rate is that of the last seconds, not of the whole upload", () => {
  let samples: { at: number; sent: number }[] = [];
  for (let at = 0; at <= 20_000; at += 1000)
    samples = sampled(samples, { at, sent: at < 10_000 ? 0 : (at - 10_000) * 5 });
  expect(rateOf(samples)).toBe(5000);
  expect(secondsLeft(rateOf(samples), 50_000)).toBe(10);
});

it("nothing is said before there is anything to measure, or when nothing moves", () => {
  expect(rateOf(sampled([], { at: 0, sent: 0 }))).toBeNull();
  expect(secondsLeft(0, 100)).toBeNull();
});

it("something cancelled makes no negative rate", () => {
  const samples = sampled(sampled([{ at: 0, sent: 0 }], { at: 1000, sent: 900 }), { at: 2000, sent: 100 });
  expect(rateOf(samples)).toBeNull();
});
