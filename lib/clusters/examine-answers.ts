// Judges what the examination's job saw on its compute node. Pure.
import { type Finding, fine, problem, unchecked } from "@/lib/clusters/examine-finding";
import type { ClusterConfig } from "@/lib/config";

type Expected = { token: string; odd: string; directory: string; cluster: ClusterConfig };

const atLeast = (version: string, wanted: [number, number]): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
};

function path(answers: Map<string, string>, { token, directory }: Expected): Finding {
  const check = "session path from a compute node";
  const node = answers.get("node") ?? "?";
  if (answers.get("token") === token) return fine(check, `${node} reads in ${directory} what the login node wrote.`);
  const todo = "sessionPath must be on storage that login and compute nodes share.";
  return problem(check, `${node} reads something else in ${directory} than the login node wrote.`, todo);
}

function environment(answers: Map<string, string>, { odd }: Expected): Finding {
  const check = "--export-file";
  if (answers.get("odd") !== odd) {
    const todo =
      "A job_submit plugin or a wrapper around sbatch changes the environment: leave jobs named berth-* alone.";
    return problem(check, "A value with quotes and newlines does not arrive byte for byte.", todo);
  }
  const leaked = answers.get("caller");
  if (!leaked) return fine(check, "An odd value arrives byte for byte, and nothing of the login session comes along.");
  const todo =
    "Something exports the login session's environment into jobs: look for SBATCH_EXPORT, plugins and wrappers.";
  return problem(check, `The job sees SSH_CONNECTION=${leaked} of the login session.`, todo);
}

function bash(answers: Map<string, string>): Finding {
  const version = answers.get("bash") ?? "";
  const missing = answers.get("missing")?.trim();
  if (!atLeast(version, [4, 3])) {
    return problem(
      "bash on compute nodes",
      `It is ${version || "not there"}.`,
      "Install bash 4.3 or later as /bin/bash.",
    );
  }
  if (missing) return problem("bash on compute nodes", `These programs are missing: ${missing}.`, "Install them.");
  return fine("bash on compute nodes", `${version}, with every program the job needs.`);
}

function python(answers: Map<string, string>): Finding {
  const version = answers.get("python") ?? "";
  const check = "python3 on compute nodes";
  const todo = "Install Python 3.6 or later: templates with auth: door need it; others do not.";
  if (!/^\d+\.\d+\.\d+$/.test(version)) return problem(check, `It does not run: ${version || "no answer"}.`, todo);
  return atLeast(version, [3, 6]) ? fine(check, `${version}.`) : problem(check, `It is ${version}.`, todo);
}

function modules(answers: Map<string, string>, { cluster }: Expected): Finding {
  if (!cluster.modules) return unchecked("modules", "None are configured.");
  const [, code, count, words] = /^(\d+) (\d+) ?([\s\S]*)$/.exec(answers.get("modules") ?? "") ?? [];
  if (code === "0" && Number(count) > 0) return fine("modules", `module works on the node and lists ${count} names.`);
  const todo = `modules.init must be the file for bash, there on compute nodes too; it is ${cluster.modules.init}.`;
  return problem("modules", `module avail does not work there: ${words || "no module is listed"}.`, todo);
}

function scratch(answers: Map<string, string>, { cluster }: Expected): Finding {
  if (!cluster.scratchPath) return unchecked("scratch", "No scratchPath is configured.");
  const [, code, words] = /^(\d+) ?([\s\S]*)$/.exec(answers.get("scratch") ?? "") ?? [];
  if (code === "0") return fine("scratch", `A folder can be made, written and removed in ${cluster.scratchPath}.`);
  const todo = "scratchPath must be writable for people on compute nodes; {user} in it stands for the account.";
  return problem("scratch", `It cannot be used: ${words || "no answer"}.`, todo);
}

/** Findings for one job's answers, in a fixed order. */
export function judgeAnswers(answers: Map<string, string>, expected: Expected): Finding[] {
  return [
    path(answers, expected),
    environment(answers, expected),
    bash(answers),
    python(answers),
    modules(answers, expected),
    scratch(answers, expected),
  ];
}
