import { describe, expect, it } from "vitest";
import { parseConfig } from "@/lib/config";

const good = `url: https://berth.example.org
appsHosts: "*.apps.example.org"
signIn:
  issuer: https://id.example.org
  clientId: berth
clusters:
  - name: hpc
    scheduler: slurm
    account: { from: claim, claim: preferred_username }
    nodeNetworks: ["10.0.0.0/8"]
`;

function mistakes(text: string): string[] {
  try {
    parseConfig(text);
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split("\n") : [];
  }
}

describe("parseConfig", () => {
  it("fills in what was left out", () => {
    const { clusters, waits, signIn } = parseConfig(good);
    expect(clusters[0]).toMatchObject({ sessionPath: "~/.berth/sessions", poll: "all", accounting: true });
    expect(waits).toMatchObject({ lookApartSeconds: 60, absenceSeconds: 300, ticketSeconds: 30 });
    expect(signIn.hours).toBe(12);
  });

  it.each([
    ["an unknown key", good.replace("scheduler: slurm", "scheduler: slurm\n    shceduler: x"), 7],
    ["a wrong value", good.replace("scheduler: slurm", "scheduler: pbs"), 8],
    ["a network that is none", good.replace("10.0.0.0/8", "10.0.0.0/99"), 10],
    ["a pattern that is no regular expression", good.replace("preferred_username", 'sub, pattern: "("'), 9],
    ["a file that is empty", "", 1],
    ["a missing address", good.replace("url: https://berth.example.org\n", ""), 1],
    ["a cgroup that is no place", `${good}    local: { cgroupParent: berth }\n`, 11],
    ["a relative session path", `${good}    sessionPath: sessions\n`, 11],
  ])("names the line of %s", (_what, text, line) => {
    expect(mistakes(text)[0]).toMatch(new RegExp(`^portal\\.yaml:${line} `));
  });

  it("names the line of broken YAML", () => {
    expect(mistakes(`${good}   bad: [1\n`)[0]).toMatch(/^portal\.yaml:1[12] /);
  });

  it("tells all mistakes at once", () => {
    expect(mistakes(good.replace("slurm", "pbs").replace("clientId", "clientid")).length).toBeGreaterThan(1);
  });
});
