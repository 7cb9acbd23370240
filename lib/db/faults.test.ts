import { describe, expect, it } from "vitest";
import { portalFault } from "@/lib/db/faults";
import { isPortalError } from "@/lib/errors";

// As Prisma's adapter passes on what PostgreSQL says.
const failed = (code: string) =>
  Object.assign(new Error("The query failed."), { cause: { originalCode: code, kind: "postgres" } });

describe("a query that failed with a state of PostgreSQL", () => {
  it.each([
    ["08006", "the connection failed"],
    ["53300", "too many connections"],
    ["57P01", "ended by an administrator"],
    ["57P02", "crashed"],
    ["57P03", "starting up"],
    ["57P05", "idle for too long"],
    ["57014", "our own time-out"],
    ["25P03", "idle in a transaction"],
    ["25006", "it takes no writes: a replica, or a primary that was replaced"],
  ])("%s is unavailable: %s", (code) => {
    expect(portalFault(failed(code))).toMatchObject({ code: "unavailable", retryAfterSeconds: 5 });
  });
  it("nor is it there when it takes connections and says nothing, as pg says it", () => {
    expect(portalFault(new Error("timeout expired"))).toMatchObject({ code: "unavailable" });
  });
  it.each(["23505", "42P01", "22021", "53100"])("%s is passed on", (code) => {
    expect(isPortalError(portalFault(failed(code)))).toBe(false);
  });
});
