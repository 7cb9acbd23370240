// Which templates a cluster's host can run: looked for, not assumed.
import type { Run } from "@/lib/clusters/run";
import type { Probes } from "@/lib/clusters/store";
import { PortalError } from "@/lib/errors";
import { type Template, templates } from "@/lib/templates/template";

const FIND = `for program; do printf '%s\\t%s\\n' "$program" "$(command -v "$program" 2>/dev/null)"; done`;

type Need = Template["manifest"]["needs"][number];

/** The door is a Python script, so a template behind it needs python3 as well. */
function needsOf({ manifest }: Template): Need[] {
  const door: Need[] =
    manifest.auth === "door" ? [{ anyOf: ["python3"], hint: "Install Python 3 on login and compute nodes" }] : [];
  return [...manifest.needs, ...door];
}

function judge(template: Template, paths: Map<string, string>): Probes[string] {
  const missing = needsOf(template).find((need) => !need.anyOf.some((program) => paths.get(program)));
  const programs = needsOf(template).flatMap((need) => need.anyOf);
  const found = Object.fromEntries(
    programs.flatMap((program) => (paths.get(program) ? [[program, paths.get(program) ?? ""]] : [])),
  );
  if (!missing) return { available: true, missing: null, hint: null, found };
  const name = missing.anyOf.length > 1 ? template.manifest.name : missing.anyOf[0];
  return { available: false, missing: `${name} not found`, hint: `${missing.hint}.`, found };
}

/** Looks for every program that templates need, as the account `user`, in one exchange. */
export async function probeTemplates(run: Run, user: string): Promise<Probes> {
  const all = [...templates().values()];
  const programs = [...new Set(all.flatMap((template) => needsOf(template).flatMap((need) => need.anyOf)))];
  const { code, stdout } = await run(["/bin/sh", "-c", FIND, "sh", ...programs], { user, timeoutSeconds: 20 });
  if (code !== 0) throw new PortalError("cluster", "The host could not be asked for its programs.");
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  const paths = new Map(lines.map((line) => [line.split("\t")[0] ?? "", line.split("\t")[1] ?? ""]));
  return Object.fromEntries(all.map((template) => [template.manifest.name, judge(template, paths)]));
}
