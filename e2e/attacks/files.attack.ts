// Files through the built server: paths that lead elsewhere, ranges, names and contents that a browser could take for ours.
// The login node is this machine, so what was written can be looked at.
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, faultOfRefusal } from "@/e2e/attacks/ground";
import { hostileApp } from "@/e2e/attacks/hostile-app";
import { openHostile, signIn, startBrowser } from "@/e2e/attacks/open-hostile";
import { type Asked, siteUnderTest } from "@/e2e/attacks/site";
import { asPerson } from "@/e2e/machine";
import { encodeName } from "@/lib/files/rules";
import { api as paths } from "@/lib/paths";

const mark = `attacked-${randomBytes(6).toString("hex")}`;
const folder = `/home/alice/${mark}`;
const bobs = `/home/bob/${mark}`;
const secret = `bobs-${mark}-secret`;
const executed = `/tmp/executed-${mark}`;

/** As alice, in her folder. */
const sh = (script: string, ...args: string[]) =>
  asPerson("alice", ["sh", "-c", `cd "$0" && ${script}`, folder, ...args]);

beforeAll(() => {
  asPerson("alice", ["mkdir", "-p", folder]);
  asPerson("bob", ["sh", "-c", 'umask 077; mkdir -p "$0" && echo "$1" >"$0/file"', bobs, secret]);
  sh('seq 1 1000 >lines; ln -s "$1/file" to-bob; ln -s "$1" bobs; ln -s /etc/passwd to-passwd; ln -s / top', bobs);
});
afterAll(() => {
  for (const directory of [folder, bobs]) rmSync(directory, { recursive: true, force: true });
  rmSync(executed, { force: true });
});

const query = (values: Record<string, string>) => `?${new URLSearchParams({ cluster: "hpc", ...values })}`;
const readings = {
  listing: (path: string) => paths.files() + query({ path }),
  content: (path: string) => paths.fileContent() + query({ path }),
  text: (path: string) => paths.fileText() + query({ path }),
  zip: (path: string) => paths.fileArchive() + query({ path }),
  tar: (path: string) => paths.fileArchive() + query({ path, format: "tar" }),
};
const content = (path: string, asked: Asked = {}) => ask("alice", readings.content(path), asked);

const elsewhere: [string, string][] = [
  ["another person's file", `${bobs}/file`],
  ["dots", `~/../bob/${mark}/file`],
  ["spelled dots", `~/%2e%2e/bob/${mark}/file`],
  ["dots behind a folder of hers", `${folder}/../../bob/${mark}/file`],
  ["doubled slashes", `//home//bob//${mark}//file`],
  ["somebody's tilde", `~bob/${mark}/file`],
  ["root's tilde", "~root/.bashrc"],
  ["a link to a file", `${folder}/to-bob`],
  ["a link on the way", `${folder}/bobs/file`],
  ["a link to the top", `${folder}/top/etc/passwd`],
  ["a link out of the roots", `${folder}/to-passwd`],
  ["a file of the system", "/etc/passwd"],
  ["a process", "/proc/self/environ"],
  ["backslashes", `~\\..\\bob\\${mark}\\file`],
  ["a NUL", `${folder}/lines%00/../../bob/${mark}/file`],
  ["dots of another script", `~/\uff0e\uff0e/bob/${mark}/file`],
  ["a path that is none", "file:///etc/passwd"],
  ["a command", `$(cat ${bobs}/file)`],
];

describe.each(Object.entries(readings))("%s", (kind, address) => {
  it.each(elsewhere)(`E1 the ${kind} of %s is not given`, async (_what, path) => {
    const reply = await ask("alice", address(path));
    expect([400, 403, 404], reply.body.slice(0, 300)).toContain(reply.status);
    expect(reply.headers["content-type"]).toBe("application/problem+json");
    expect(reply.body).not.toMatch(/root:x:0|PORTAL_/);
    expect(reply.body.includes(secret)).toBe(false);
  });
});

it.each(["other", "hpc/../hpc", "HPC", "", "__proto__", "constructor", "hpc\u0000", "../hpc", "-oProxyCommand=x"])(
  "E1 a cluster called %j has no files",
  async (cluster) => {
    for (const path of [paths.files(), paths.fileContent(), paths.fileRoots(), paths.fileTrash()]) {
      const reply = await ask("alice", `${path}?${new URLSearchParams({ cluster, path: "~" })}`);
      expect(faultOfRefusal(reply)).toBeNull();
    }
  },
);

const options = [
  `--checkpoint-action=exec=touch ${executed}`,
  "--checkpoint=1",
  `--to-command=touch ${executed}`,
  `-I touch ${executed}`,
  "-rf",
  `; touch ${executed}`,
  `$(touch ${executed})`,
  `\`touch ${executed}\``,
  `a\ntouch ${executed}\n`,
];

it("E1 E5 names that read as options or commands are names, in an archive and alone", async () => {
  const spelled = options.map((name) => encodeName(Buffer.from(name)).replaceAll("%2F", "_"));
  for (const name of spelled) writeFileSync(`${folder}/${decodeURIComponent(name)}`, "");
  const chosen = await ask(
    "alice",
    paths.fileArchive() + query({ path: folder, names: spelled.join("/"), format: "tar" }),
  );
  expect(chosen.status).toBe(200);
  for (const name of spelled) expect(chosen.body).toContain(decodeURIComponent(name).slice(0, 90));
  expect((await ask("alice", readings.zip(folder))).status).toBe(200);
  expect(existsSync(executed)).toBe(false);
});

/** Without a space, which is spelled otherwise on its way to a shell; with a slash, which a path may have. */
const breakouts = [
  `';touch$IFS${executed};'`,
  `";touch$IFS${executed};"`,
  `$(touch$IFS${executed})`,
  `\`touch$IFS${executed}\``,
];

it.each(breakouts)("E1 A1 a path that leaves its quotes runs nothing: %s", async (text) => {
  const path = [folder, ...text.split("/").map((part) => encodeName(Buffer.from(part)))].join("/");
  for (const address of Object.values(readings))
    expect([400, 403, 404]).toContain((await ask("alice", address(path))).status);
  expect(existsSync(executed)).toBe(false);
});

it.each(["..", "%2e%2e", "%2e%2e%2fbob", `%2Fhome%2Fbob%2F${mark}%2Ffile`, ".", "", "/", "%00", "%"])(
  "E1 an archive of the name %j is refused or has nothing from elsewhere",
  async (names) => {
    const reply = await ask("alice", paths.fileArchive() + query({ path: folder, names, format: "tar" }));
    expect(faultOfRefusal(reply)).toBeNull();
  },
);

it("E1 an archive follows no link", async () => {
  const reply = await ask("alice", readings.tar(folder));
  expect(reply.status).toBe(200);
  expect(reply.body).toContain("to-passwd");
  expect(reply.body).not.toContain("root:x:0");
  expect(reply.body.includes(secret)).toBe(false);
});

const ranges = [
  "bytes=-0",
  "bytes=9-5",
  "bytes=999999999999999-",
  "bytes=99999999999999999999999-",
  "bytes=0-99999999999999999999999",
  "bytes=-99999999999999999999999",
  `bytes=${Array.from({ length: 900 }, (_, at) => `${at}-${at + 3000}`).join()}`,
  "bytes=0-0,0-,0-,0-",
  "items=0-1",
  "bytes=0x10-0x20",
  "bytes= 1 - 2",
  "bytes=1.5-3",
  `bytes=$(touch ${executed})-`,
  `bytes=0-;touch ${executed}`,
  "bytes=a[$(id)]-",
];

it.each(ranges)("E3 the range %s gives a part of the file, all of it, or nothing", async (range) => {
  const whole = readFileSync(`${folder}/lines`, "utf8");
  const { status, headers, body } = await content(`${folder}/lines`, { headers: { range: range.slice(0, 8000) } });
  expect([200, 206, 416]).toContain(status);
  expect(whole).toContain(body);
  if (status === 200) expect(body).toBe(whole);
  if (status === 206) {
    const [, from = "", to = ""] = /^bytes (\d+)-(\d+)\/3893$/.exec(headers["content-range"] ?? "") ?? [];
    expect(body).toBe(whole.slice(Number(from), Number(to) + 1));
  }
  if (status === 416) expect(body).toBe("");
  expect(existsSync(executed)).toBe(false);
});

const page = "<!doctype html><script>document.title='pwned'</script><svg onload=alert(1)>";
const active = [
  "page.html",
  "page.xhtml",
  "drawing.svg",
  "script.js",
  "sheet.css",
  "worker.mjs",
  "page.xml",
  "page.png",
  "page.html.png",
  "manifest.webmanifest",
  "notebook.ipynb",
  "paper.pdf",
  "no-ending",
  "<img src=x onerror=alert(1)>.html",
  'quoted".html',
  "a\r\nSet-Cookie: pwned=1\r\n\r\n<script>.html",
  "a%0d%0aSet-Cookie: pwned=1.html",
  "evil\u202egnp.html",
  "semi;colon; filename=other.exe",
  "caf\u00e9 \ud83d\ude00.html",
  "back\\slash.html",
  `${"x".repeat(250)}.html`,
];

it.each(active)("E6 a file called %j leaves as an attachment that no browser makes a page of", async (name) => {
  writeFileSync(`${folder}/${name}`, page);
  chmodSync(`${folder}/${name}`, 0o644);
  const { status, headers, body } = await content(`${folder}/${encodeName(Buffer.from(name))}`);
  expect([status, body]).toEqual([200, page]);
  expect(headers["content-type"]).toMatch(/^(application\/octet-stream|image\/(png|jpeg|gif|webp|avif|bmp))$/);
  expect(headers).toMatchObject({
    "x-content-type-options": "nosniff",
    // The front door's own policy comes first: no script without its nonce.
    "content-security-policy": expect.stringMatching(/^default-src 'none';/),
    "cross-origin-resource-policy": "same-origin",
  });
  expect(headers["content-disposition"]).toMatch(
    /^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/,
  );
  expect(headers["set-cookie"]).toBeUndefined();
  const text = await ask("alice", readings.text(`${folder}/${encodeName(Buffer.from(name))}`));
  expect([text.status, text.headers["content-type"]]).toEqual([200, "application/json"]);
});

it("E6 a browser that is led to a file keeps it and shows nothing, and an app's page gets none of it", async () => {
  writeFileSync(`${folder}/shown.html`, page);
  chmodSync(`${folder}/shown.html`, 0o644);
  const address = siteUnderTest().url + readings.content(`${folder}/shown.html`);
  const browser = await startBrowser();
  try {
    const context = await browser.newContext();
    const portal = await context.newPage();
    await signIn(portal, "alice");
    const own = await portal.evaluate(async (to) => (await fetch(to)).status, address);
    expect(own).toBe(200);
    await expect(portal.goto(address)).rejects.toThrow(/Download is starting|ERR_ABORTED/);
    expect(await portal.title()).not.toBe("pwned");
    const evil = await openHostile(context, await hostileApp("alice"));
    const stolen = await evil.evaluate(async (to) => {
      const heard = async (init: RequestInit) => {
        const answer = await fetch(to, init).catch((error: Error) => error.name);
        return typeof answer === "string" ? answer : `${answer.type} ${(await answer.text()).length}`;
      };
      const embedded = (tag: "img" | "script") =>
        new Promise<string>((done) => {
          const element = document.createElement(tag);
          element.onload = () => done("loaded");
          element.onerror = () => done("refused");
          element.src = to;
          document.body.append(element);
        });
      const modes: RequestInit[] = [{ credentials: "include" }, { credentials: "include", mode: "no-cors" }];
      return [await Promise.all(modes.map(heard)), await embedded("img"), await embedded("script")].flat();
    }, address);
    expect(stolen[0]).toBe("TypeError");
    expect(stolen[1]).toMatch(/^(TypeError|opaque 0)$/);
    expect(stolen.slice(2)).toEqual(["refused", "refused"]);
  } finally {
    await browser.close();
  }
});
