// The job script itself, as a real process: what it leaves behind, whatever happens to it.
import { once } from "node:events";
import * as fs from "node:fs";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { testFolder } from "@/dev/test-folder";
import { connectionOf, listener, newDirectory, start } from "@/dev/test-job-script";
import { passDoor } from "@/lib/gateway/door";

describe("an app that ends by itself", () => {
  it.each([
    ["exit 0", 0, "finished 0"],
    ["exit 3", 3, "failed 3"],
    ["kill -KILL $$", 137, "failed 137"],
    ["no-such-program", 127, "failed 127"],
  ])("%s ends the job with %i", async (script, code, ended) => {
    const job = start({ script });
    expect((await job.ended).code).toBe(code);
    expect(job.read("ended")).toBe(ended);
    expect(job.has("secret") || job.has("connection")).toBe(false);
  });
});

describe("a running app", () => {
  it("is announced with the port it listens on, the job and a secret that only its owner can read", async () => {
    const job = start({ script: listener });
    const { port, job: id, secret } = await connectionOf(job);
    expect({ id, secret }).toEqual({ id: "7", secret: job.read("secret") });
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
    expect(job.log()).not.toContain(secret);
  });

  it("makes files under the person's own umask, while what is the session's is for them alone", async () => {
    const scratch = join(testFolder("scratch"), "berth-x");
    const script = `umask > umask; touch made; mkdir shared; echo "$SLURM_UMASK" > tasks; ${listener}`;
    const job = start({ script, BERTH_UMASK: "0002", SLURM_UMASK: "0077", BERTH_SCRATCH: scratch });
    await connectionOf(job);
    const mode = (path: string) => (fs.statSync(path).mode & 0o777).toString(8);
    const at = (name: string) => mode(join(job.directory, name));
    expect([job.read("umask"), job.read("tasks"), at("made"), at("shared")]).toEqual(["0002", "0002", "664", "775"]);
    expect(["secret", "deadline", "connection"].map(at)).toEqual(["600", "600", "600"]);
    expect([at("claim"), at("home-runtime"), mode(scratch)]).toEqual(["700", "700", "700"]);
  });

  it("is ended with its children, its scratch and its secret when the job is told to end", async () => {
    const scratch = join(testFolder("scratch"), "a b", "berth-x");
    const job = start({
      script: `sleep 600 & echo $! > child; touch "$TMPDIR/data"; ${listener}`,
      BERTH_SCRATCH: scratch,
    });
    await connectionOf(job);
    expect(existsSync(join(scratch, "data"))).toBe(true);
    const child = Number(job.read("child"));
    job.child.kill("SIGTERM");
    expect((await job.ended).code).toBe(143);
    expect(job.read("ended")).toBe("terminated 143");
    expect(existsSync(scratch) || job.has("secret") || job.has("connection")).toBe(false);
    // Killed before the job ended; whoever adopted it takes its last word in its own time.
    await expect.poll(() => existsSync(`/proc/${child}`), { timeout: 20_000 }).toBe(false);
  });

  it.each([
    ["a folder of somebody else's", (place: string) => fs.chownSync(place, 65534, 65534)],
    ["a folder that anybody may change", (place: string) => fs.chmodSync(place, 0o777)],
    [
      "a link that somebody else made",
      (place: string) => {
        rmSync(place, { recursive: true });
        fs.symlinkSync(tmpdir(), place);
        fs.lchownSync(place, 65534, 65534);
      },
    ],
  ])("has no scratch in %s", async (_what, spoil) => {
    const place = testFolder("scratch");
    spoil(place);
    const job = start({ script: listener, BERTH_SCRATCH: join(place, "berth-x") });
    const { code, log } = await job.ended;
    expect([code, job.read("ended")]).toEqual([73, "scratch 73"]);
    expect(log).toContain(`${place}: others may replace what is in it`);
  });

  it("has no scratch at a link, wherever that leads", async () => {
    const [place, elsewhere] = [testFolder("scratch"), testFolder("elsewhere")];
    fs.symlinkSync(elsewhere, join(place, "berth-x"));
    const job = start({ script: listener, BERTH_SCRATCH: join(place, "berth-x") });
    expect((await job.ended).code).toBe(73);
    expect(existsSync(elsewhere)).toBe(true);
  });

  it("has its scratch in a place that all share, where nobody can replace what is another's", async () => {
    const place = testFolder("scratch");
    fs.chmodSync(place, 0o1777);
    const job = start({ script: listener, BERTH_SCRATCH: join(place, "berth-x") });
    await connectionOf(job);
    expect(fs.statSync(join(place, "berth-x")).mode & 0o777).toBe(0o700);
  });

  it("that ignores being told to end is killed", async () => {
    const job = start({
      script: `trap "" TERM; python3 -c '
import os, signal, socket, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
s = socket.socket(); s.bind(("0.0.0.0", int(os.environ["BERTH_PORT"]))); s.listen()
time.sleep(600)'`,
    });
    await connectionOf(job);
    job.child.kill("SIGTERM");
    expect((await job.ended).log).toContain("killed");
  });
});

describe("a second job for one session", () => {
  it("does nothing, and takes nothing from the first", async () => {
    const first = start({ script: listener });
    const before = await connectionOf(first);
    const second = start({ job: "8", directory: first.directory });
    expect((await second.ended).code).toBe(75);
    expect(JSON.parse(first.read("connection"))).toEqual(before);
    expect(first.has("ended")).toBe(false);
    expect(readdirSync(join(first.directory, "claim"))).toEqual(["7"]);
  });

  it("that is the same one, started again, goes on with a new secret", async () => {
    const first = start({ script: listener });
    const before = await connectionOf(first);
    first.child.kill("SIGKILL");
    await first.ended;
    writeFileSync(join(first.directory, "home-runtime", "of the first"), "");
    const again = start({ directory: first.directory });
    await vi.waitFor(() => expect(again.log()).toContain("listening"), { timeout: 30_000, interval: 50 });
    const after = await connectionOf(again);
    expect(after.secret).not.toBe(before.secret);
    expect(after.start).not.toBe(before.start);
    expect(readdirSync(join(first.directory, "home-runtime"))).toEqual([]);
  });
});

describe("a job that cannot prepare", () => {
  it("says which folder is missing", async () => {
    const job = start({ script: "exit 0", BERTH_WORKDIR: "/no/such folder" });
    const { code, log } = await job.ended;
    expect({ code, ended: job.read("ended") }).toEqual({ code: 66, ended: "folder 66" });
    expect(log).toContain("/no/such folder");
  });

  it("says which module could not be loaded", async () => {
    const directory = newDirectory("exit 0");
    writeFileSync(join(directory, "init"), 'module() { [ "$2" = good/1 ]; }\n');
    const init = join(directory, "init");
    const job = start({ directory, BERTH_MODULES: "good/1 bad/2", BERTH_MODULES_INIT: init });
    const { code, log } = await job.ended;
    expect(code).toBe(72);
    expect(log).toContain("module load bad/2 failed");
  });

  // Stand for a full disk: what is written comes out empty, or there is not even room for a folder.
  it.each([
    ["a secret starts no app: it would be open to everybody", "od", "exit 0"],
    ["its claim does not take that for another job's", "mkdir", "exit 1"],
  ])("without room for %s", async (_what, tool, does) => {
    const directory = newDirectory("touch app-was-started; sleep 600");
    mkdirSync(join(directory, "bin"));
    writeFileSync(join(directory, "bin", tool), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
    const path = process.env.PATH;
    process.env.PATH = `${join(directory, "bin")}:${path}`;
    const job = start({ directory });
    process.env.PATH = path;
    const { code, log } = await job.ended;
    expect([code, job.read("ended"), job.has("app-was-started")]).toEqual([74, "disk 74", false]);
    expect(log).toContain("is the disk or the quota full?");
  });
});

describe("the door", () => {
  const web = `exec python3 -c '
import http.server, os, socketserver
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer): daemon_threads = True
class Handler(http.server.SimpleHTTPRequestHandler):
    def address_string(self): return "x"
Server(os.environ["BERTH_SOCKET"], Handler).serve_forever()'`;

  /** Shows the secret as the portal does, or says `greeting` without a word of the door's. */
  async function ask(port: number, how: { secret: string } | { greeting: string }, host = "127.0.0.1") {
    const socket = connect(port, host);
    if ("secret" in how) await passDoor(socket, how.secret);
    socket.write(`${"greeting" in how ? how.greeting : ""}GET / HTTP/1.0\r\n\r\n`);
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    await once(socket, "close");
    return answer;
  }

  it.each(["127.0.0.1", "::1"])("answers on %s, to its owner only", async (host) => {
    const job = start({ script: web, BERTH_AUTH: "door" });
    const { port, secret } = await connectionOf(job);
    await vi.waitFor(() => expect(job.has("app.sock")).toBe(true), { timeout: 30_000, interval: 50 });
    expect(await ask(port, { secret }, host)).toContain("200 OK");
    expect(await ask(port, { greeting: "" }, host)).toContain("403 Forbidden");
  });

  it("is in front of an app on storage that holds no sockets", async () => {
    const directory = newDirectory(`echo "$BERTH_SOCKET" > socket; ${web}`);
    mkdirSync(join(directory, "bin"));
    // As on storage that holds no pipes: elsewhere, under an absolute name, one can be made.
    const mkfifo = `#!/bin/sh\ncase $1 in /*) exec /usr/bin/mkfifo "$1";; esac\nexit 1\n`;
    writeFileSync(join(directory, "bin", "mkfifo"), mkfifo, { mode: 0o755 });
    const path = process.env.PATH;
    process.env.PATH = `${join(directory, "bin")}:${path}`;
    const job = start({ directory, BERTH_AUTH: "door" });
    process.env.PATH = path;
    const { port, secret } = await connectionOf(job);
    await vi.waitFor(() => expect(existsSync(job.read("socket"))).toBe(true), { timeout: 30_000, interval: 50 });
    expect(await ask(port, { secret })).toContain("200 OK");
    expect(job.has("app.sock")).toBe(false);
    job.child.kill("SIGTERM");
    await job.ended;
    expect(existsSync(job.read("socket"))).toBe(false);
  });

  it("runs whatever python the person's modules and paths bring", async () => {
    const directory = newDirectory("sleep 600");
    const init = join(directory, "init");
    writeFileSync(init, 'module() { export PATH="$HOME:$PATH" PYTHONPATH="$HOME"; }\n');
    writeFileSync(join(directory, "asyncio.py"), "raise SystemExit(1)\n");
    writeFileSync(join(directory, "python3"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    await connectionOf(start({ directory, BERTH_AUTH: "door", BERTH_MODULES: "conda", BERTH_MODULES_INIT: init }));
  });

  it("runs with the libraries of a module's python where the node has none", async () => {
    const directory = newDirectory("sleep 600");
    mkdirSync(join(directory, "bin"));
    for (const tool of readdirSync("/usr/bin").filter((name) => !name.startsWith("python")))
      fs.symlinkSync(join("/usr/bin", tool), join(directory, "bin", tool));
    const init = join(directory, "init");
    writeFileSync(init, 'module() { export PATH="$HOME:$PATH" LD_LIBRARY_PATH="$HOME/lib"; }\n');
    const own = `#!/bin/sh\n[ "$LD_LIBRARY_PATH" = "$HOME/lib" ] && exec /usr/bin/python3 "$@"\n`;
    writeFileSync(join(directory, "python3"), own, { mode: 0o755 });
    const path = process.env.PATH;
    process.env.PATH = join(directory, "bin");
    const job = start({ directory, BERTH_AUTH: "door", BERTH_MODULES: "python", BERTH_MODULES_INIT: init });
    process.env.PATH = path;
    await connectionOf(job);
  });

  it("hears that it is to end also at the very moment at which it is ready", async () => {
    // The window is a few milliseconds wide, so several try.
    const tries = Array.from({ length: 6 }, async () => {
      const job = start({ script: web, BERTH_AUTH: "door" });
      while (!job.has("connection")) await new Promise(setImmediate);
      job.child.kill("SIGTERM");
      return { ...(await job.ended), wrote: job.read("ended") };
    });
    for (const { code, wrote } of await Promise.all(tries)) expect([code, wrote]).toEqual([143, "terminated 143"]);
  });

  it("lets more in at once than the app takes in one go", async () => {
    const job = start({ script: web, BERTH_AUTH: "door" });
    const { port, secret } = await connectionOf(job);
    await vi.waitFor(() => expect(job.has("app.sock")).toBe(true), { timeout: 30_000, interval: 50 });
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(port, { secret })));
    expect(answers.filter((answer) => !answer.includes("200 OK"))).toEqual([]);
  });

  it("lets nobody in without the secret, and nobody at all where the secret is empty", async () => {
    const job = start({ script: web, BERTH_AUTH: "door" });
    const { port, secret } = await connectionOf(job);
    await vi.waitFor(() => expect(job.has("app.sock")).toBe(true), { timeout: 30_000, interval: 50 });
    expect(await ask(port, { secret })).toContain("200 OK");
    const nonce = "0".repeat(32);
    for (const greeting of ["", "BERTH-DOOR \n", `BERTH-DOOR ${nonce} \n`, `BERTH-DOOR ${secret}\n`]) {
      expect(await ask(port, { greeting })).toContain("403 Forbidden");
    }
    // A proof by somebody who knows not the secret: the answer to the nonce comes, and after it no page.
    const guessed = await ask(port, { greeting: `BERTH-DOOR ${nonce}\n${"0".repeat(64)}\n` });
    expect(guessed).toMatch(/^[0-9a-f]{32} [0-9a-f]{64}\nHTTP\/1\.1 403 Forbidden/);
    await expect(ask(port, { secret: "0".repeat(64) })).rejects.toThrow("not this session's door");
    writeFileSync(join(job.directory, "secret"), "");
    expect(await ask(port, { greeting: `BERTH-DOOR ${nonce}\n` })).toContain("403 Forbidden");
  });
});
