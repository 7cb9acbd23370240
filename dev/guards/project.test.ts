import { describe, expect, it } from "vitest";
import * as project from "./project";

const files = project.projectFiles();
const tables = project.tableNames();
const file = (path: string, text = "") => [{ path, text }];

describe("the project", () => {
  it("has no file whose name says nothing", () => expect(project.emptyNamed(files)).toEqual([]));
  it("carries no trace of somebody's machine", () => expect(project.machineTraces(files)).toEqual([]));
  it("queries in stores only", () => expect(project.strayQueries(files, tables)).toEqual([]));
  it("opens each module with what it hides", () => expect(project.withoutOpening(files)).toEqual([]));
  it("reads portal.yaml in one place", () => expect(project.configReaders(files)).toEqual([]));
});

describe("the checks", () => {
  it("find a name that says nothing, of a file or a folder", () => {
    for (const path of ["lib/utils.ts", "lib/jobs/helpers.test.ts", "components/shared/button.tsx", "lib/types.d.ts"]) {
      expect(project.emptyNamed(file(path))).toHaveLength(1);
    }
    expect(project.emptyNamed(file("lib/units.ts"))).toEqual([]);
  });

  it("find a path of a machine and a package registry's host", () => {
    for (const text of ["cd /ro" + "ot/berth", "see /wo" + "rk/main", "https://registry." + "npmjs.org/next"]) {
      expect(project.machineTraces(file("docs/a.md", text))).toHaveLength(1);
    }
    expect(project.machineTraces(file("docs/a.md", "the root directory, and network/main"))).toEqual([]);
  });

  it("find a query outside a store", () => {
    const text = "await tx.session.findMany()";
    expect(tables).toContain("session");
    expect(project.strayQueries(file("lib/jobs/stop-job.ts", text), tables)).toHaveLength(1);
    expect(project.strayQueries(file("lib/jobs/list.ts", "db().unixAccount.count()"), tables)).toHaveLength(1);
    const named = "transaction((t) => t.session.update({}))";
    expect(project.strayQueries(file("lib/jobs/named.ts", named), tables)).toHaveLength(1);
    expect(project.strayQueries(file("lib/jobs/taken.ts", "const { session } = tx;"), tables)).toHaveLength(1);
    expect(project.strayQueries(file("lib/jobs/raw.ts", "tx.$queryRaw`select 1`"), tables)).toHaveLength(1);
    expect(project.strayQueries(file("lib/jobs/store.ts", text), tables)).toEqual([]);
  });

  it("find a module that begins without a word", () => {
    expect(project.withoutOpening(file("lib/a.ts", "export const a = 1;\n"))).toHaveLength(1);
    expect(project.withoutOpening(file("lib/a.ts", "// one\n".repeat(5)))).toHaveLength(1);
    expect(project.withoutOpening(file("lib/a.ts", "// What it hides.\nexport const a = 1;\n"))).toEqual([]);
  });

  it("find a second reader of portal.yaml", () => {
    const text = "const text = readFileSync(env().configFile);";
    expect(project.configReaders(file("lib/jobs/stop-job.ts", text))).toHaveLength(1);
    expect(project.configReaders(file("lib/config.ts", text))).toEqual([]);
  });
});
