// What a job gets to know, and what is kept of it: the values that were asked for, and nothing of the portal's own. Secrets
// are planted in the portal's environment and looked for in the job, in Slurm's records and in what Slurm stores.
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { smallFolder, stopAll, untilState } from "@/e2e/api";
import {
  accepted,
  constantScript,
  create,
  expectRefused,
  filesWith,
  jobRecords,
  portalEnvironment,
  post,
  slurmSpool,
} from "@/e2e/attacks/ground";
import { plantedSecrets } from "@/e2e/attacks/planted";
import { withRcFile } from "@/e2e/attacks/rc-file";
import { apiAs, siteUnderTest } from "@/e2e/attacks/site";
import { processesOf, slurm } from "@/e2e/machine";
import type { SessionView } from "@/lib/sessions/schema";

const who = "dora";
const fromRcFile = `from-rc-${randomUUID()}`;
let session: SessionView;
let secrets: string[];

/** Files of secrets in the portal's data directory, and the planted ones. */
function everySecret(): string[] {
  const { data } = siteUnderTest();
  const files = ["secret", "oidc-client-secret"].map((name) => readFileSync(join(data, name), "utf8").trim());
  return [...Object.values(plantedSecrets()), ...files, apiAs(who).secret];
}

/** As a person's rc files might: sbatch reads some of these, bash others. */
const rc = [
  `export RC_CANARY=${fromRcFile} BASH_ENV=/tmp/${fromRcFile}.sh LD_PRELOAD_CANARY=${fromRcFile}`,
  "export SBATCH_ARRAY_INX=0-3 SBATCH_EXPORT=ALL SBATCH_REQUEUE=1 SLURM_JWT=x SBATCH_OUTPUT=/tmp/elsewhere",
  `: > /tmp/${fromRcFile}`,
];

beforeAll(async () => {
  secrets = everySecret();
  const { id } = await withRcFile(who, rc, async () =>
    accepted(await create(who, { ...smallFolder("hpc"), name: "A6" })),
  );
  session = await untilState(apiAs(who), id, "ready");
  expect(existsSync(`/tmp/${fromRcFile}`), "the rc file was read").toBe(true);
  for (const secret of Object.values(plantedSecrets())) expect(portalEnvironment()).toContain(secret);
});
afterAll(async () => {
  rmSync(`/tmp/${fromRcFile}`, { force: true });
  await stopAll(apiAs(who));
});

const environments = () =>
  processesOf(session.id).map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean));

it("A6 the job's processes know nothing of the portal's environment", () => {
  expect(environments().length).toBeGreaterThan(2);
  for (const variables of environments()) {
    expect(variables.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
    expect(variables.filter((line) => /^(PORTAL|DATABASE|OIDC|NODE|NEXT|NEXTAUTH)_/.test(line))).toEqual([]);
    expect(variables).toContain(`HOME=/home/${who}`);
  }
});

it("A6 what a person's rc files export is neither an option of sbatch nor in the job", () => {
  for (const variables of environments()) expect(variables.join("\n")).not.toContain(fromRcFile);
  expect(slurm(["squeue", "-h", "-r", "-u", who, `--name=berth-${session.id}`, "-o", "%i"])).toEqual([session.jobId]);
  const records = jobRecords(session);
  expect(records).toContain(`StdOut=${session.directory}/log`);
  expect(records).not.toContain(fromRcFile);
});

it("A6 neither Slurm's records nor what it stores of the job hold a secret", () => {
  const stored = slurm(["sacct", "-j", session.jobId ?? "", "--env-vars"]).join("\n");
  const said = jobRecords(session) + stored;
  for (const secret of [...secrets, fromRcFile]) {
    expect(said).not.toContain(secret);
    expect(filesWith(secret, slurmSpool())).toEqual([]);
  }
});

it("A6 the stored script is the constant, and the session's directory has no secret of the portal's", () => {
  expect(
    slurm(["scontrol", "write", "batch_script", session.jobId ?? "", "-"])
      .join("\n")
      .trim(),
  ).toBe(constantScript("job.sh").toString().split("\n").filter(Boolean).join("\n").trim());
  expect(readdirSync(session.directory ?? "")).toContain("environment");
  for (const secret of secrets) expect(filesWith(secret, [session.directory ?? ""])).toEqual([]);
});

it.each([
  ...["LD_PRELOAD", "BASH_ENV", "PATH", "SLURM_JWT", "IFS", "BERTH_JOB_DIR", "folder=x", "folder\nPATH", "folder\0x"],
  ...["ld_preload", "bash_env", "path", "berth_secret_file", "1a", "", "folder ", "ｆolder", "a".repeat(33)],
])("A6 refuses a variable called %j", async (name) => {
  const body = { ...smallFolder("hpc"), parameters: { [name]: "/tmp" } };
  const reply = await post(who, "/api/sessions/preview", { body });
  if (reply.status === 200) {
    const { verdict } = JSON.parse(reply.body);
    expect(verdict.allowed).toBe(false);
    expect(verdict.reasons[0].field).toBe(`parameters.${name}`);
  } else expectRefused(reply, "parameters");
});

it.each(["a=b", "x\0LD_PRELOAD=/tmp/x", "x\nPATH=/tmp"])("A6 the value %j makes no second variable", async (value) => {
  const body = { ...smallFolder("hpc"), name: value };
  const reply = await post(who, "/api/sessions/preview", { body });
  if (value === "a=b") expect(reply.status).toBe(200);
  else expectRefused(reply, "name");
});
