// Runs the attack suite against sites that it starts and ends.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestBrowser } from "@/dev/test-browser";
import { plantedSecrets } from "@/e2e/attacks/planted";
import { type Site, type SiteOptions, startSite } from "./site";
import { type Count, vitest } from "./suites";

const attackPeople = ["alice", "bob", "carol", "admin", "dora", "tess", "paul"];

/** People must have been here once before a token can be had for them. */
async function everybodySignsIn({ url }: Site): Promise<void> {
  for (const who of attackPeople) await new TestBrowser(url).signIn(who);
}

function factsFile(site: Site): string {
  const {
    postgres: _,
    pid,
    startPortal: _s,
    endPortal: _e,
    startProvider: _p,
    stopProvider: _q,
    stop: _t,
    ...facts
  } = site;
  const file = join(mkdtempSync(join(tmpdir(), "berth-site-")), "site.json");
  writeFileSync(file, JSON.stringify({ ...facts, pid: pid() }), { mode: 0o600 });
  return file;
}

async function attackOne(options: SiteOptions, project: string): Promise<Count> {
  const site = await startSite({ people: "e2e/attacks/people.json", ...options });
  try {
    await everybodySignsIn(site);
    return await vitest(project, { BERTH_SITE: factsFile(site), BERTH_URL: site.url, BERTH_DATA: site.data });
  } finally {
    await site.stop();
  }
}

const add = (one: Count, other: Count): Count => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
});

/** Every attack against a same-site portal, then those that depend on the site once more on plain localhost. */
export async function attack(port: number, { isQuick }: { isQuick: boolean }): Promise<Count> {
  const environment = plantedSecrets();
  const sameSite = await attackOne({ port, environment }, isQuick ? "attacks-quick" : "attacks");
  if (isQuick) return sameSite;
  return add(sameSite, await attackOne({ port, domain: "localhost", environment }, "attacks-quick"));
}
