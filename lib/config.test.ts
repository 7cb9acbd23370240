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
    ["an unknown key", good.replace("scheduler: slurm", "scheduler: slurm\n    shceduler: x"), 9],
    ["an unknown key at the top", `${good}wiats: { drainSeconds: 1 }\n`, 11],
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

  it("says of an unknown key what it is called, and of each of several on its own line", () => {
    const text = good.replace("clientId: berth", "clientID: berth\n  secret: x");
    expect(mistakes(text)).toEqual([
      "portal.yaml:3 signIn.clientId: It is missing.",
      "portal.yaml:5 signIn.clientID: There is no such key.",
      "portal.yaml:6 signIn.secret: There is no such key.",
    ]);
  });

  it.each([
    ["*.apps.example.org", "appsHosts: *.apps.example.org", ""],
    ["*.apps.example.org:8443", "appsHosts: *.apps.example.org:8443", ""],
    ["*.apps.example.org", "appsHosts: [app1.example.org, *.apps.example.org]", ".1"],
  ])("asks for quotes around %s, which YAML takes for a reference", (host, line, place) => {
    const text = good.replace('appsHosts: "*.apps.example.org"', line);
    expect(mistakes(text)).toEqual([`portal.yaml:2 appsHosts${place}: put quotes around ${host}`]);
  });

  it("follows a reference to something that is there", () => {
    const text = good.replace("https://berth.example.org", "&url https://berth.example.org");
    expect(parseConfig(text.replace("https://id.example.org", "*url")).signIn.issuer).toBe("https://berth.example.org");
  });

  it("names the line of broken YAML", () => {
    expect(mistakes(`${good}   bad: [1\n`)[0]).toMatch(/^portal\.yaml:1[12] /);
  });

  it("tells all mistakes at once", () => {
    expect(mistakes(good.replace("slurm", "pbs").replace("clientId", "clientid")).length).toBeGreaterThan(1);
  });
});

const cluster = good.slice(good.indexOf("  - name"));
const ssh = (more: string) => `${good}    ssh:
      hosts: [{ host: login1.example.org }]
      hostKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMOt603NiVFSLDkXCacYHSG6d9/3OG8ntR6DBTr7l6M]
      ca: { keyFile: /etc/berth/ca }
      ${more}
`;
const apps = (line: string) => good.replace('"*.apps.example.org"', line);

describe("what could not work is refused, with its place", () => {
  it.each([
    ["trustedProxies.0", 11, `${good}trustedProxies: [10.0.0.0/33]\n`],
    ["trustedProxies.0", 11, `${good}trustedProxies: [nginx.example.org]\n`],
    ["trustedProxies.1", 13, `${good}trustedProxies:\n  - 10.0.0.1\n  - nginx.example.org/24\n`],
    ["clusters.1.name", 11, `${good}${cluster}`],
    ["appsHosts.0", 2, apps("[https://app1.example.org]")],
    ["appsHosts.1", 2, apps('[app1.example.org, "*.example.org"]')],
    ["appsHosts.1", 2, apps("[app1.example.org, berth.example.org]")],
    ["appsHosts.0", 2, apps("[Berth.Example.org:8443]")],
    ["appsHosts.1", 2, apps("[app1.example.org, App1.example.org]")],
    ["appsHosts.0", 2, apps("[app1.example.org:99999]")],
    ["appsHosts", 2, apps("apps.example.org")],
    ["appsHosts", 2, apps('"*.apps.example.org/berth"')],
    ["appsHosts", 2, apps("7")],
    ["url", 1, good.replace("https://berth", "berth")],
    ["url", 1, good.replace("https://berth.example.org", "localhost:3000")],
    ["url", 1, good.replace("berth.example.org", "berth.example.org/hpc")],
    ["signIn.issuer", 4, good.replace("https://id.example.org", "id.example.org:443")],
    ["signIn.scope", 6, good.replace("clientId: berth", "clientId: berth\n  scope: profile")],
    ["clusters.0.poller", 11, `${good}    poller: root\n`],
    ["clusters.0.ssh", 11, ssh("apps: tunnel").replace("slurm", "local")],
    ["clusters.0.account.from", 9, ssh("apps: tunnel").replace(/from: claim.*(?= })/, "from: process")],
    ["clusters.0.sessionPath", 11, `${good}    sessionPath: "/scratch/$USER/sessions"\n`],
    ["clusters.0.sessionPath", 11, `${good}    sessionPath: "/project/berth/{usr}/sessions"\n`],
    ["clusters.0.scratchPath", 11, `${good}    scratchPath: "/scratch/{user}/../all"\n`],
    ["clusters.0.files.roots.0.path", 11, `${good}    files: { roots: [{ title: A, path: "/data/$USER" }] }\n`],
    ["clusters.0.ssh.sourceAddress.0", 15, ssh("sourceAddress: [10.0.0.0/33]")],
    ["clusters.0.ssh.sourceAddress.0", 15, ssh("sourceAddress: [192.0.2.10/24]")],
    ["clusters.0.account.accounts.ann", 9, good.replace(/from: claim.*(?= })/, "from: table, accounts: { ann: Ann }")],
    ["limits.0.who", 12, `${good}limits:\n  - { who: "persn:ann" }\n`],
    ["limits.0.who", 12, `${good}limits:\n  - { who: "group: physics" }\n`],
    ["waits.drainSeconds", 11, `${good}waits: { drainSeconds: -1 }\n`],
    ["waits.quietPollSeconds", 11, `${good}waits: { quietPollSeconds: 3000000 }\n`],
  ])("%s on line %i", (place, line, text) => {
    expect(mistakes(text).map((words) => words.split(": ")[0])).toEqual([`portal.yaml:${line} ${place}`]);
  });

  it("and what can is taken", () => {
    const proxies = "trustedProxies: [127.0.0.1, 10.0.0.0/8, 2001:db8::1, fd00::/8]\n";
    const text = `${apps("[app1.example.org, app2.example.org:8443]")}    sessionPath: "/project/{user}/.sessions"\n${proxies}`;
    expect(parseConfig(text)).toMatchObject({ trustedProxies: { length: 4 }, appsHosts: { length: 2 } });
  });
});
