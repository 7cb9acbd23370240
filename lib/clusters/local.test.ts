import { describe, expect, it } from "vitest";
import { localReach } from "./local";

it("x", async () => {
  const r = await localReach().run(["echo", "hi"], { user: "x" });
  expect(Buffer.from(r.stdout).toString()).toBe("hi\n");
});
