import { describe, expect, it } from "vitest";
import { lasted, timeLeft } from "@/components/sessions/time-left";

const startedAt = "2026-11-22T10:00:00.000Z";
const endsAt = "2026-11-22T12:00:00.000Z";
const at = (time: string) => Date.parse(`2026-11-22T${time}.000Z`);

describe("the time left", () => {
  it("is in hours and minutes, rounded down so that nobody counts on a minute too many", () => {
    expect(timeLeft({ startedAt, endsAt }, at("10:47:30"))).toMatchObject({ text: "1 h 12 min", tone: "accent" });
  });

  it("counts seconds in the last minute and never goes below none", () => {
    expect(timeLeft({ startedAt, endsAt }, at("11:59:20"))?.text).toBe("40 s");
    expect(timeLeft({ startedAt, endsAt }, at("12:05:00"))).toMatchObject({ text: "0 s", share: 1 });
  });

  it("grows urgent at a quarter of an hour and again at five minutes", () => {
    expect(timeLeft({ startedAt, endsAt }, at("11:45:00"))?.tone).toBe("accent");
    expect(timeLeft({ startedAt, endsAt }, at("11:45:01"))?.tone).toBe("wait");
    expect(timeLeft({ startedAt, endsAt }, at("11:55:01"))?.tone).toBe("bad");
  });

  it("grows urgent later in a short session", () => {
    const short = { startedAt, endsAt: "2026-11-22T10:10:00.000Z" };
    expect(timeLeft(short, at("10:07:59"))?.tone).toBe("accent");
    expect(timeLeft(short, at("10:08:01"))?.tone).toBe("wait");
    expect(timeLeft(short, at("10:09:01"))?.tone).toBe("bad");
  });

  it("is not known before the start", () => {
    expect(timeLeft({ startedAt: null, endsAt: null }, at("10:00:00"))).toBeNull();
  });
});

describe("how long a step took", () => {
  it("is in seconds below a minute and in minutes above", () => {
    expect(lasted(startedAt, "2026-11-22T10:00:29.000Z")).toBe("29 s");
    expect(lasted(startedAt, "2026-11-22T11:12:59.000Z")).toBe("1 h 12 min");
  });

  it("is not known without both ends, and not negative when clocks disagree", () => {
    expect(lasted(startedAt, null)).toBeNull();
    expect(lasted(endsAt, startedAt)).toBe("0 s");
  });
});
