import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { PortalError } from "@/lib/errors";
import { loggable, makeLog } from "@/lib/log";

function written(fields: object): { line: string; entry: Record<string, unknown> } {
  const lines: string[] = [];
  makeLog("info", { write: (line) => lines.push(line) }).info(fields, "something.happened");
  expect(lines).toHaveLength(1);
  const [line = ""] = lines;
  expect(line.trim()).not.toContain("\n");
  return { line, entry: JSON.parse(line) };
}

describe("a line of the log", () => {
  it("names the event, the instant and the fields", () => {
    const { entry } = written({ sessionId: "abc", looks: 2 });
    expect(entry).toMatchObject({
      level: "info",
      msg: "something.happened",
      sessionId: "abc",
      looks: 2,
      pid: process.pid,
    });
    expect(entry.time).toMatch(/^20\d\d-.*Z$/);
  });

  it("holds no secret, however deep it was passed in", () => {
    const headers = { cookie: "c-hush", authorization: "a-hush", "set-cookie": ["s-hush"], accept: "text/html" };
    const session = { id: "abc", secret: "x-hush", secretSealed: "y-hush", connection: { token: "t-hush" } };
    const { line } = written({ request: { headers }, session, idToken: "i-hush", privateKey: "p-hush", key: "k-hush" });
    expect(line).not.toContain("hush");
    expect(line).toContain("text/html");
    expect(line).toContain('"id":"abc"');
  });

  it("holds no secret that has no name of its own, and keeps what is around it", () => {
    const { line, entry } = written({
      env: { DATABASE_URL: "postgresql://berth:d-hush@db.example.org:5432/berth?sslmode=require" },
      request: {
        url: "/.berth/enter?next=/lab&ticket=t-hush&x=1",
        rawHeaders: ["Host", "portal.example.org", "Cookie", "a=c-hush", "Accept", "text/html"],
        said: "Authorization: Bearer b-hush-hush",
      },
      err: new Error(`the callback ?code=o-hush&state=s-hush failed for berth_${"h".repeat(43)}`),
    });
    expect(line).not.toMatch(/hush|hhhh/);
    expect(entry.env).toEqual({
      DATABASE_URL: "postgresql://berth:[removed]@db.example.org:5432/berth?sslmode=require",
    });
    expect(line).toContain("/.berth/enter?next=/lab&ticket=[removed]&x=1");
    for (const kept of ["portal.example.org", "text/html", "the callback"]) expect(line).toContain(kept);
  });

  it("keeps words of diagnosis that look like a secret's name", () => {
    const words =
      "slurmctld: node n1 state=DOWN; exit code=3, Basic information, the bearer waits, NodeName=n1 State=IDLE";
    expect(loggable({ words })).toEqual({ words });
  });

  it("holds no part of a secret that lies where a long value is cut", () => {
    const { line } = written({ words: `${"x".repeat(1990)} ?ticket=${"h".repeat(80)}` });
    expect(line).not.toContain("hh");
  });

  it.each(["x-api-key", "api_key", "apiKey", "private-key", "X-Auth-Token"])("takes %s for a secret's name", (name) => {
    expect(loggable({ headers: { [name]: "a" } })).toEqual({ headers: { [name]: "[removed]" } });
  });

  it("cuts long values and survives what JSON cannot hold", () => {
    const { line, entry } = written({
      words: "w".repeat(100_000),
      count: 10n,
      bytes: new Uint8Array(9),
      at: new Date(0),
    });
    expect(line.length).toBeLessThan(3000);
    expect(entry).toMatchObject({ count: "10", bytes: "[9 bytes]", at: "1970-01-01T00:00:00.000Z" });
    const ring: Record<string, unknown> = {};
    ring.self = ring;
    expect(() => written({ ring })).not.toThrow();
  });

  it("keeps code, words and cause of an error, without its secrets", () => {
    const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED", password: "hush" });
    const { line, entry } = written({
      err: new PortalError("cluster", "No answer.", { words: "sbatch: error", cause }),
    });
    expect(line).not.toContain("hush");
    expect(entry.err).toMatchObject({
      type: "PortalError",
      code: "cluster",
      words: "sbatch: error",
      message: "No answer.",
    });
    expect(entry.err).toHaveProperty("cause.code", "ECONNREFUSED");
  });

  it("is lost where the disk is full, and the process goes on and ends as it is told", async () => {
    const careless = `
      const { log } = await import("./lib/log.ts");
      log().info("first");
      setTimeout(() => {
        log().info("second");
        console.error("still here");
        process.exit(3);
      }, 50);`;
    // full(4): each write to it says that there is no room.
    const full = openSync("/dev/full", "w");
    onTestFinished(() => closeSync(full));
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", careless], {
      env: { ...process.env, LOG_LEVEL: "info" },
      stdio: ["ignore", full, "pipe"],
      timeout: 30_000,
      killSignal: "SIGKILL",
    });
    let said = "";
    child.stderr?.on("data", (data: Buffer) => {
      said += data.toString();
    });
    const [code, signal] = await once(child, "close");
    expect([code, signal, said]).toEqual([3, null, "still here\n"]);
  });
});
