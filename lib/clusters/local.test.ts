import { createServer, type Server } from "node:net";
import { buffer } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { localReach } from "./local";
import { testReach } from "./reach-contract";

testReach("this machine", "anybody", localReach);

describe("a program on this machine", () => {
  it("starts also where the portal's account has no home yet, and a terminal too", async () => {
    vi.stubEnv("HOME", "/nowhere");
    const { stdout } = await localReach().run(["pwd"], { user: "anybody" });
    expect(Buffer.from(stdout).toString()).toBe("/\n");
    const terminal = await localReach().terminal({ user: "anybody", cols: 80, rows: 24, argv: ["/bin/pwd"] });
    expect((await buffer(terminal.output)).toString().trim()).toBe("/");
    vi.unstubAllEnvs();
  });

  it("sees nothing of the portal's environment", async () => {
    process.env.BERTH_CANARY = "canary-7d1f";
    const { stdout } = await localReach().run(["env"], { user: "anybody" });
    delete process.env.BERTH_CANARY;
    const names = Buffer.from(stdout)
      .toString()
      .split("\n")
      .map((line) => line.split("=")[0])
      .sort();
    expect(names.filter((name) => !["", "PWD", "OLDPWD", "SHLVL", "_"].includes(name ?? ""))).toEqual([
      "HOME",
      "LANG",
      "LOGNAME",
      "PATH",
      "SHELL",
      "USER",
    ]);
  });
});

describe("a terminal on this machine", () => {
  it("may be resized, typed into and hung up when its program has ended", async () => {
    const terminal = await localReach().terminal({ user: "anybody", cols: 80, rows: 24, argv: ["/bin/true"] });
    terminal.output.resume();
    expect(await terminal.gone).toEqual({ code: 0, wasConnectionLost: false });
    await finished(terminal.output);
    terminal.resize({ cols: 100, rows: 30 });
    terminal.hangUp();
    await terminal.write(Buffer.from("x"));
  });
});

describe("connecting from this machine", () => {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    server = createServer({ allowHalfOpen: true }, async (socket) => socket.end(await buffer(socket)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address ? address.port : 0;
  });
  afterAll(() => server.close());

  it("gives a stream that may be closed one way first", async () => {
    const stream = await localReach().connect({ host: "127.0.0.1", port }, "anybody");
    stream.end("echo after the end");
    expect((await buffer(stream)).toString()).toBe("echo after the end");
  });

  it("says which address cannot be reached", async () => {
    await expect(localReach().connect({ host: "127.0.0.1", port: 1 }, "anybody")).rejects.toMatchObject({
      code: "cluster",
      message: "127.0.0.1:1 cannot be reached",
      words: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
