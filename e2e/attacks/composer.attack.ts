// What is asked for must reach Slurm and the job as data: no shell, no #SBATCH line, no option, no ssh argument is ever made
// of it. The jobs are real, and run as a person whose login shell is tcsh.
import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { smallFolder, stopAll, untilState } from "@/e2e/api";
import {
  accepted,
  ask,
  constantScript,
  create,
  expectRefused,
  jobRecords,
  portalChildren,
  post,
} from "@/e2e/attacks/ground";
import { marker, shell, wasExecuted } from "@/e2e/attacks/hostile-text";
import { apiAs } from "@/e2e/attacks/site";
import { asPerson, processesOf } from "@/e2e/machine";
import type { RequestPreview } from "@/lib/sessions/schema";

const who = "tess";
const wish = (more: object) => ({ ...smallFolder("hpc"), ...more });
const preview = (more: object) => post(who, "/api/sessions/preview", { body: wish(more) });

const places = `/home/${who}/attack-${randomUUID()}`;
afterAll(async () => {
  await stopAll(apiAs(who));
  rmSync(places, { recursive: true, force: true });
});

it("A1 runs a job whose name, folder and working directory are shell commands, and none of them is executed", async () => {
  const folder = `${places}/${shell}!!%s\\n*?~#{}"`;
  asPerson(who, ["mkdir", "-p", "--", folder]);
  const { id } = accepted(await create(who, wish({ name: shell, workdir: folder, parameters: { folder } })));
  const session = await untilState(apiAs(who), id, "ready");
  expect([session.name, session.request.workdir, session.request.parameters?.folder]).toEqual([shell, folder, folder]);

  const environments = processesOf(id).map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8").split("\0"));
  expect(environments.length).toBeGreaterThan(0);
  for (const environment of environments)
    expect(environment).toEqual(expect.arrayContaining([`BERTH_NAME=${shell}`, `BERTH_PARAM_FOLDER=${folder}`]));
  for (const name of ["job.sh", "place.sh", "door.py"] as const)
    expect(readFileSync(join(session.directory ?? "", name))).toEqual(constantScript(name));
  expect(readFileSync(join(session.directory ?? "", "script.sh"))).toEqual(
    readFileSync("templates/web-folder/script.sh"),
  );
  expect(jobRecords(session)).not.toMatch(/touch|attack-/);
  await apiAs(who).stop(id);
  await untilState(apiAs(who), id, "ended");
  expect(wasExecuted()).toBe(false);
});

const line = `hi\n#SBATCH --output=${marker}`;
it.each([
  ["name", { name: line }],
  ["a carriage return in the name", { name: "hi\r#SBATCH --hold" }],
  ["workdir", { workdir: `/tmp/${line}` }],
  ["partition", { partition: `cpu\n#SBATCH --hold` }],
  ["constraint", { constraint: "skylake\n--hold" }],
  ["a module", { software: { kind: "modules", modules: [line] } }],
  ["a parameter", { parameters: { folder: `/tmp/${line}` } }],
  ["a parameter's name", { parameters: { "folder\n#SBATCH": "/tmp" } }],
])("A2 refuses a line that would be an option of sbatch, in %s", async (_place, more) => {
  expectRefused(await create(who, wish(more)), Object.keys(more)[0]);
});

it("A2 A3 gives every option as one argument, and text to none of them", async () => {
  const text = { name: "--wrap=id", workdir: "/--wrap=id", parameters: { folder: "/--wrap=id" } };
  const words = { partition: "cpu", account: "research", qos: "normal", constraint: "skylake&avx512" };
  const { body } = await preview({ ...text, ...words });
  // The endpoint's schema made it.
  const { command, verdict } = JSON.parse(body) as RequestPreview;
  expect(verdict.reasons).toEqual([]);
  const options = command.slice(command.findIndex((one) => one.endsWith("sbatch")) + 1);
  for (const option of options.slice(0, -1)) expect(option).toMatch(/^--[a-z-]+(=\S+)?$/);
  expect(options).toEqual(expect.arrayContaining(["--partition=cpu", "--constraint=skylake&avx512"]));
  expect(options.join("\n")).not.toContain("wrap");
});

it("A3 takes a name that looks like an option for a name", async () => {
  const { id } = accepted(await create(who, wish({ name: "-n" })));
  const { name, jobId, unixAccount, directory } = await apiAs(who).stop(id);
  expect(name).toBe("-n");
  const records = jobRecords({ jobId, unixAccount });
  expect(records).toContain(`JobName=berth-${id}`);
  expect(records).toContain(`StdOut=${directory}/log`);
});

const options = ["--wrap=id", "-o x", "-n", "cpu --wrap=id", "cpu,--hold", "cpu=x", "'cpu'", "", " cpu", "é"];
it.each(["partition", "account", "qos", "reservation", "constraint", "gpuType", "template", "cluster"])(
  "A3 refuses an option as %s",
  async (field) => {
    const replies = await Promise.all(options.map((value) => preview({ [field]: value })));
    for (const reply of [...replies, await create(who, wish({ [field]: options[0] }))]) expectRefused(reply, field);
  },
);

it.each(["-oProxyCommand=id", "a b", "x@y", "127.0.0.1", "hpc@localhost", "ssh:hpc", "HPC", "__proto__", "toString"])(
  "A4 reaches no cluster called %s, and leaves no process behind",
  async (cluster) => {
    expectRefused(await create(who, wish({ cluster })), "cluster");
    expectRefused(await ask(who, `/api/clusters/${encodeURIComponent(cluster)}/modules`));
    expect(portalChildren()).toEqual([]);
  },
);

it.each([
  ["an image from a file", { software: { kind: "image", image: "file:///etc/passwd" } }],
  ["options in an image's name", { software: { kind: "image", image: "docker://x --bind /:/host" } }],
  ["an image that nobody listed", { software: { kind: "image", image: "ubuntu" } }],
  ["a mount beside the image", { software: { kind: "image", image: "ubuntu", mounts: ["/:/host"] } }],
  ["mounts", { mounts: ["/:/host"] }],
  [
    "a module outside of the module path",
    { template: "jupyter", memoryGiB: 1, software: { kind: "modules", modules: ["gcc/../../../tmp/evil"] } },
  ],
  [
    "a module by its path",
    { template: "jupyter", memoryGiB: 1, software: { kind: "modules", modules: ["/tmp/evil"] } },
  ],
  ["a folder that climbs", { workdir: "/home/../root" }],
  ["another person's home by name", { workdir: "~root" }],
  ["a template outside of the templates", { template: "../cluster" }],
  ["a template every object has", { template: "constructor" }],
])("A7 refuses %s", async (_what, more) => {
  expectRefused(await create(who, wish(more)), Object.keys(more).at(-1));
});
