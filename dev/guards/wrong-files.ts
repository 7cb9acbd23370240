// Files that break one rule of the house each, and files that look alike and are right. Guards are proved with them.

export type Sample = { file: string; text: string; rule: string | null };

const wrong = (file: string, text: string, rule: string): Sample => ({ file, text, rule });
const right = (file: string, text: string): Sample => ({ file, text, rule: null });

const imports = "lint/style/noRestrictedImports";
const lines = (count: number) =>
  Array.from({ length: count }, (_, line) => `export const line${line} = ${line};`).join("\n");
const longFunction = (count: number) => {
  const body = Array.from({ length: count }, (_, line) => `  call(${line});`).join("\n");
  return `export function long(call: (line: number) => void) {\n${body}\n}\n`;
};
const uses = (module: string) => `import * as it from "${module}";\nexport const used = it;\n`;

export const samples: Sample[] = [
  wrong("lib/jobs/up.ts", uses("../units"), imports),
  right("lib/jobs/down.ts", uses("./schema")),

  wrong("server.ts", uses("@/app/page"), imports),
  wrong("lib/jobs/uses-app.ts", uses("@/app/page"), imports),
  wrong("lib/jobs/uses-component.ts", uses("@/components/ui/button"), imports),
  wrong("lib/jobs/uses-script.ts", uses("@/dev/postgres"), imports),
  right("lib/jobs/uses-lib.ts", uses("@/lib/units")),
  wrong("components/jobs/uses-app.tsx", uses("@/app/page"), imports),
  wrong("components/jobs/uses-verb.tsx", uses("@/lib/jobs/stop-job"), imports),
  wrong("components/jobs/uses-store.tsx", uses("@/lib/jobs/store"), imports),
  wrong("components/jobs/uses-node.tsx", uses("node:fs"), imports),
  wrong("components/jobs/uses-deep-verb.tsx", uses("@/lib/scheduler/slurm/submit"), imports),
  right(
    "components/jobs/uses-rules.tsx",
    uses("@/lib/jobs/rules") + uses("@/lib/paths").replaceAll("it", "paths").replace("used", "more"),
  ),
  right("components/jobs/uses-schema.tsx", uses("@/lib/jobs/schema")),
  wrong("components/ui/uses-noun.tsx", uses("@/components/jobs/uses-rules"), imports),
  wrong("components/ui/uses-lib.tsx", uses("@/lib/units"), imports),
  right("components/ui/uses-ui.tsx", uses("@/components/ui/button")),
  wrong("app/jobs/page.tsx", uses("@/app/layout"), imports),
  wrong("app/api/jobs/route.ts", uses("@/lib/jobs/store"), imports),
  wrong("app/api/nodes/route.ts", uses("@/lib/db"), imports),
  right("app/api/files/route.ts", uses("@/lib/jobs/stop-job")),

  wrong("lib/jobs/queries.ts", uses("@/prisma/generated/client"), imports),
  right("lib/jobs/store.ts", uses("@/prisma/generated/client")),
  wrong("lib/jobs/schema.ts", uses("@/lib/jobs/store"), imports),
  right("lib/nodes/schema.ts", uses("@/lib/files/schema")),
  wrong("lib/jobs/rules.ts", uses("@/lib/config"), imports),
  wrong("lib/nodes/rules.ts", uses("node:fs"), imports),
  right("lib/files/rules.ts", uses("@/lib/nodes/schema")),
  wrong("lib/scheduler/slurm/uses-session.ts", uses("@/lib/sessions/schema"), imports),
  wrong("lib/scheduler/slurm/uses-database.ts", uses("@/lib/db"), imports),
  wrong("lib/scheduler/slurm/uses-ssh.ts", uses("@/lib/ssh/pool"), imports),
  wrong("lib/scheduler/slurm/uses-reach.ts", uses("@/lib/clusters/reach"), imports),
  right("lib/scheduler/slurm/uses-run.ts", uses("@/lib/clusters/run")),

  wrong(
    "lib/one.ts",
    'import { two } from "@/lib/two";\nexport const one = () => two;\n',
    "lint/suspicious/noImportCycles",
  ),
  wrong(
    "lib/two.ts",
    'import { one } from "./one";\nexport const two = () => one;\n',
    "lint/suspicious/noImportCycles",
  ),

  wrong("lib/reads-environment.ts", "export const home = process.env.HOME;\n", "lint/style/noProcessEnv"),
  wrong("components/reads-environment.ts", "export const home = process.env.HOME;\n", "lint/style/noProcessEnv"),
  right("lib/env.ts", "export const home = process.env.HOME;\n"),
  wrong("lib/prints.ts", 'console.log("here");\n', "lint/suspicious/noConsole"),
  right("dev/prints.ts", 'console.log("here");\n'),

  wrong("lib/CamelCase.ts", "export const name = 1;\n", "lint/style/useFilenamingConvention"),
  wrong("components/Button.tsx", "export const name = 1;\n", "lint/style/useFilenamingConvention"),
  right("lib/two-words.ts", "export const name = 1;\n"),
  wrong("lib/long.ts", lines(301), "lint/style/noExcessiveLinesPerFile"),
  right("lib/full.ts", lines(300)),
  wrong("lib/long-function.ts", longFunction(61), "lint/complexity/noExcessiveLinesPerFunction"),
  right("lib/full-function.ts", longFunction(57)),
  wrong("components/jobs/long-component.tsx", longFunction(151), "lint/complexity/noExcessiveLinesPerFunction"),
  right("components/jobs/component.tsx", longFunction(140)),
  wrong(
    "lib/many.ts",
    "export const sum = (a: number, b: number, c: number, d: number) => a + b + c + d;\n",
    "lint/complexity/useMaxParams",
  ),
  wrong("lib/any.ts", "export const it: any = 1;\n", "lint/suspicious/noExplicitAny"),
  wrong(
    "lib/floating.ts",
    "async function work() {}\nexport function start() {\n  work();\n}\n",
    "lint/nursery/noFloatingPromises",
  ),
  wrong(
    "lib/skipped.test.ts",
    'import { it } from "vitest";\nit.skip("later", () => {});\n',
    "lint/suspicious/noSkippedTests",
  ),
  wrong(
    "lib/only.test.ts",
    'import { it } from "vitest";\nit.only("this", () => {});\n',
    "lint/suspicious/noFocusedTests",
  ),
  wrong("lib/undeclared.ts", uses("left-pad"), "lint/correctness/noUndeclaredDependencies"),
  right(
    "components/jobs/effect.tsx",
    'import { useEffect } from "react";\nexport function Title() {\n  useEffect(() => {\n    document.title = "Jobs";\n  }, []);\n  return null;\n}\n',
  ),
];
