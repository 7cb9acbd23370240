// Files through the portal beside scp and tar over ssh to the same login node: one of a gigabyte, ten thousand small ones, both
// ways, and how much the portal's process grows while five gigabytes pass. curl is the portal's client, so that a client in
// JavaScript is not what is measured; what it sends is what the page sends.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { tarEnd, tarHeader, tarPadding } from "@/lib/files/rules";
import { api } from "@/lib/paths";
import { byHand } from "./by-hand";
import type { Context } from "./context";
import { interleaved, median, processorMs, ratios, spreadOf, timed, withoutWarmUp } from "./measure";
import { atLeast, atMost, told, type Verdict } from "./report";
import { type BenchSite, person } from "./site";

const run = promisify(execFile);
const mebibyte = 1024 ** 2;
const pieceBytes = 128 * mebibyte;
const batchFiles = 1000;
const smallFiles = 10_000;
const largeBytes = 1e9;
const memoryBytes = 5e9;

/** `local` is here, `there` below the person's home on the login node, which is this machine, too. */
type Ground = { site: BenchSite; token: string; local: string; there: string; to: string; ssh: string };

const sh = (script: string, ...args: string[]) =>
  run("/bin/sh", ["-ec", script, "sh", ...args], { maxBuffer: 64 * mebibyte });
const quoted = (words: string[]) => words.map((word) => `'${word}'`).join(" ");
const upFolder = ({ there }: Ground) => `${there}/up`;
const emptied = (ground: Ground) => sh('rm -rf "$1" && mkdir "$1" && chown alice "$1"', upFolder(ground));

/** One curl; request after request over one connection, unless `how` says otherwise. */
function curl({ site, token }: Ground, requests: string[][], how: string[] = []) {
  const common = [
    "-sSf",
    "-H",
    `Authorization: Bearer ${token}`,
    "-H",
    `Host: ${new URL(site.url).host}`,
    "-H",
    "Expect:",
  ];
  return run("/usr/bin/curl", [
    ...how,
    ...requests.flatMap((request, index) => [...(index > 0 ? ["--next"] : []), ...common, ...request]),
  ]);
}
const at = ({ site }: Ground, path: string, query = {}) => {
  const asked = new URLSearchParams(query).toString();
  return `http://127.0.0.1:${site.port}${path}${asked && `?${asked}`}`;
};

/** A tus upload: begun, then piece after piece as the page sends them. `pieces` are files: curl sends no part of one. */
async function upload(ground: Ground, name: string, { pieces, size }: { pieces: string[]; size: number }) {
  const tus = ["-H", "Tus-Resumable: 1.0.0"];
  const metadata = Object.entries({ cluster: "hpc", folder: upFolder(ground), name })
    .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
    .join(",");
  const said = ["-H", `Upload-Length: ${size}`, "-H", `Upload-Metadata: ${metadata}`];
  const made = await curl(ground, [[...tus, ...said, "-X", "POST", "-D", "-", at(ground, api.uploads())]]);
  const id = /^location: .*\/([0-9a-f]{32})/im.exec(made.stdout)?.[1] ?? "";
  const type = ["-H", "Content-Type: application/offset+octet-stream"];
  const patch = (piece: string, index: number) => {
    const offset = ["-H", `Upload-Offset: ${index * pieceBytes}`];
    return [...tus, ...type, ...offset, "-X", "PATCH", "-T", piece, at(ground, api.upload(id))];
  };
  await curl(ground, pieces.map(patch));
}

const download = (ground: Ground, path: string, query = {}) =>
  curl(ground, [["-o", "/dev/null", at(ground, path, { cluster: "hpc", ...query })]]);

type Compared = { what: string; against: string; unit: string; amount: number };
type Sides = Record<"portal" | "peer", () => Promise<unknown>>;

/** How much a second on both sides, in turns, and what of the processor the portal's process took. */
async function compare(ground: Ground, rounds: number, { sides, ...said }: Compared & { sides: Sides }) {
  const costs: number[] = [];
  const rate = (name: keyof Sides) => async () => {
    await emptied(ground);
    const before = processorMs(ground.site.pid());
    const tookMs = await timed(sides[name]);
    if (name === "portal") costs.push(processorMs(ground.site.pid()) - before);
    return said.amount / (tookMs / 1000);
  };
  const { portal, peer } = await interleaved(rounds, { portal: rate("portal"), peer: rate("peer") });
  const rates = `${told(spreadOf(portal), said.unit)} against ${told(spreadOf(peer), said.unit)}`;
  const figures = `${rates}; processor time of the portal ${Math.round(median(withoutWarmUp(costs)))} ms`;
  return atLeast(0.8, { what: said.what, against: said.against, value: median(ratios(portal, peer)), figures });
}

async function oneLarge(ground: Ground, rounds: number): Promise<Verdict[]> {
  const { local, there, to, ssh } = ground;
  const make = `head -c ${largeBytes} /dev/urandom >"$1/large"; split -b ${pieceBytes} -a 4 "$1/large" "$1/piece."
    cp "$1/large" "$2/large"; chown alice "$2/large"; ls "$1"/piece.*`;
  const pieces = (await sh(make, local, there)).stdout.trim().split("\n");
  const scp = (from: string, into: string) => sh(`scp -q ${ssh.replace("-p ", "-P ")} "$1" "$2"`, from, into);
  const large = { against: "scp", unit: " MB/s", amount: largeBytes / 1e6 };
  const up: Sides = {
    portal: () => upload(ground, "large", { pieces, size: largeBytes }),
    peer: () => scp(join(local, "large"), `${to}:${upFolder(ground)}/large`),
  };
  const down: Sides = {
    portal: () => download(ground, api.fileContent(), { path: `${there}/large` }),
    peer: () => scp(`${to}:${there}/large`, "/dev/null"),
  };
  return [
    await compare(ground, rounds, { what: "upload of a file of 1 GB", ...large, sides: up }),
    await compare(ground, rounds, { what: "download of a file of 1 GB", ...large, sides: down }),
  ];
}

/** The small files in a folder, and the requests that the page makes of them. */
async function smallOnes({ local, there }: Ground): Promise<string[]> {
  const batches: string[] = [];
  mkdirSync(join(local, "set"));
  for (let from = 0; from < smallFiles; from += batchFiles) {
    const parts: Uint8Array[] = [];
    for (let file = from; file < from + batchFiles; file += 1) {
      const bytes = Buffer.alloc(2048, String(file));
      writeFileSync(join(local, "set", String(file)), bytes);
      const name = Buffer.from(`set/${file}`);
      parts.push(tarHeader({ name, kind: "file", size: bytes.length, mode: 0o644 }), bytes, tarPadding(bytes.length));
    }
    const batch = join(local, `batch.${from}`);
    writeFileSync(batch, Buffer.concat([...parts, tarEnd()]));
    batches.push(batch);
  }
  await sh('cp -r "$1/set" "$2/set"; chown -R alice "$2/set"', local, there);
  return batches;
}

async function manySmall(ground: Ground, rounds: number): Promise<Verdict[]> {
  const { local, there, to, ssh } = ground;
  const batches = await smallOnes(ground);
  const query = { cluster: "hpc", folder: upFolder(ground) };
  const type = ["-H", "Content-Type: application/x-tar", "-o", "/dev/null"];
  const send = (batch: string) => [...type, "-X", "POST", "-T", batch, at(ground, api.uploadBatch(), query)];
  const many = { against: "tar over ssh", unit: " files/s", amount: smallFiles };
  const up: Sides = {
    // Four at once, as the page.
    portal: () => curl(ground, batches.map(send), ["--parallel", "--parallel-max", "4"]),
    peer: () => sh(`tar -C "$1" -cf - set | ssh ${ssh} ${to} "tar -C '$2' -xf -"`, local, upFolder(ground)),
  };
  const peer = () => sh(`ssh ${ssh} ${to} "tar -C '$1' -cf - set" >/dev/null`, there);
  const archive = (format: string): Sides => ({
    portal: () => download(ground, api.fileArchive(), { path: `${there}/set`, format }),
    peer,
  });
  const what = "small files of 2 KiB";
  return [
    await compare(ground, rounds, { what: `upload of 10,000 ${what}`, ...many, sides: up }),
    await compare(ground, rounds, { what: `download of 10,000 ${what}, as a tar`, ...many, sides: archive("tar") }),
    await compare(ground, rounds, { what: `download of 10,000 ${what}, as a zip`, ...many, sides: archive("zip") }),
  ];
}

const residentMB = ({ site }: Ground): number =>
  (Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${site.pid()}/status`, "utf8"))?.[1]) * 1024) / 1e6;

/** The most that the process grew while `work` went on, looked at ten times a second. */
async function growthMB(ground: Ground, work: () => Promise<unknown>): Promise<number> {
  const base = residentMB(ground);
  let most = base;
  const timer = setInterval(() => {
    most = Math.max(most, residentMB(ground));
  }, 100);
  await work().finally(() => clearInterval(timer));
  return most - base;
}

/** After the gigabytes before: code and buffers that every transfer shares are there. */
async function memoryOf(ground: Ground): Promise<Verdict> {
  const pieces = Array.from({ length: Math.ceil(memoryBytes / pieceBytes) }, (_none, index) =>
    join(ground.local, (index + 1) * pieceBytes > memoryBytes ? "rest" : "zeros"),
  );
  await sh(
    `truncate -s ${pieceBytes} "$1/zeros"; truncate -s ${memoryBytes % pieceBytes} "$1/rest"
    truncate -s ${memoryBytes} "$2/sparse"; chown alice "$2/sparse"`,
    ground.local,
    ground.there,
  );
  await emptied(ground);
  const up = await growthMB(ground, () => upload(ground, "five", { pieces, size: memoryBytes }));
  const path = `${ground.there}/sparse`;
  const down = await growthMB(ground, () => download(ground, api.fileContent(), { path }));
  return atMost(64, {
    what: "growth of the portal's memory while 5 GB pass",
    against: "the goal",
    unit: " MB",
    value: Math.max(up, down),
    figures: `up ${up.toFixed(0)} MB, down ${down.toFixed(0)} MB, from ${residentMB(ground).toFixed(0)} MB`,
  });
}

export async function files({ site, rounds }: Context): Promise<Verdict[]> {
  const { token } = await person(site, "alice");
  const hand = byHand(site, "alice");
  const local = mkdtempSync(join(tmpdir(), "berth-bench-files-"));
  const there = (await hand.ssh("mkdir -p bench-files && cd bench-files && pwd -P")).trim();
  const ground = {
    site,
    token,
    local,
    there,
    to: hand.argv.at(-1) ?? "",
    ssh: quoted(hand.argv.slice(0, -1)).replaceAll("'-p'", "-p"),
  };
  try {
    const large = await oneLarge(ground, rounds);
    return [...large, ...(await manySmall(ground, rounds)), await memoryOf(ground)];
  } finally {
    await sh('rm -rf "$1" "$2"', local, there);
    hand.end();
  }
}
