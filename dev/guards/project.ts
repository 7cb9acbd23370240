// The project's own files, and what is wrong with them that Biome cannot see. Each check takes files and returns sentences,
// so that a test can feed it wrong ones.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export type ProjectFile = { path: string; text: string };

const isText = (path: string) => !/\.(png|ico|webp|woff2?|gz|wasm|jpg)$/.test(path);

/** Every text file of the project, committed or about to be. */
export function projectFiles(): ProjectFile[] {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    maxBuffer: 64e6,
  });
  return list
    .toString()
    .split("\0")
    .filter((path) => path !== "" && isText(path) && statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

const emptyNames = /^(utils?|helpers?|common|shared|services?|managers?|factory|factories|types|constants|misc)$/i;

/** Files and folders whose name says nothing of what is in them. */
export function emptyNamed(files: ProjectFile[]): string[] {
  return files
    .filter(({ path }) => path.split("/").some((part) => emptyNames.test(part.replace(/\..*$/, ""))))
    .map(({ path }) => `${path}: name it after its noun or topic`);
}

// Written in pieces, so that this file does not find itself.
const places = ["/ro" + "ot/", "/wo" + "rk/"];
const registry = new RegExp(["registry", "(npmjs|yarnpkg)", "(org|com)"].join("\\."));

/** Traces of the machine somebody worked on. */
export function machineTraces(files: ProjectFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const found = places.find((place) => line.includes(place)) ?? registry.exec(line)?.[0];
      return found ? [`${path}:${index + 1} names ${found}`] : [];
    }),
  );
}

const inLib = ({ path }: ProjectFile) => /^lib\/.*\.ts$/.test(path) && !/\.test\.ts$|\.d\.ts$|contract/.test(path);

/** The names Prisma's client gives the tables. */
export function tableNames(directory = "prisma/schema"): string[] {
  const schema = readdirSync(directory).map((file) => readFileSync(join(directory, file), "utf8"));
  const models = schema.join("\n").matchAll(/^model (\w)(\w*)/gm);
  return [...models].map(([, first = "", rest = ""]) => first.toLowerCase() + rest);
}

/** Queries outside lib/db.ts and the store of a noun. */
export function strayQueries(files: ProjectFile[], tables: string[]): string[] {
  const names = tables.join("|");
  // Whatever a transaction is called, and where a table was taken out of it.
  const asked = "(find(Unique|First|Many)|create|update|delete|upsert|count|groupBy|aggregate)";
  const ways = [
    `(\\btx|\\bdb\\(\\))\\s*\\.\\s*(${names})\\b`,
    `\\.\\s*(${names})\\s*\\.\\s*${asked}`,
    `\\{[^{}]*\\b(${names})\\b[^{}]*\\}\\s*=\\s*(tx\\b|db\\(\\))`,
    "\\$(query|execute)Raw",
  ];
  const query = new RegExp(ways.join("|"));
  return files
    .filter((file) => inLib(file) && !/\/store\.ts$/.test(file.path) && file.path !== "lib/db.ts")
    .filter(({ text }) => query.test(text))
    .map(({ path }) => `${path}: queries belong in the store of the noun`);
}

/** Modules of lib that do not begin by saying what they hide, in one to four lines. */
export function withoutOpening(files: ProjectFile[]): string[] {
  return files.filter(inLib).flatMap(({ path, text }) => {
    const opening = /^(\/\/ .*\n)+/.exec(text)?.[0].split("\n").length ?? 1;
    if (opening === 1) return [`${path}: say first what it hides and the one thing to know`];
    return opening > 5 ? [`${path}: its opening comment has more than four lines`] : [];
  });
}

/** Whoever else reads portal.yaml. */
export function configReaders(files: ProjectFile[]): string[] {
  const allowed = ["lib/config.ts", "lib/env.ts"];
  return files
    .filter((file) => inLib(file) || /^app\//.test(file.path))
    .filter(({ path, text }) => !allowed.includes(path) && /readFile\w*\([^;]*configFile/.test(text))
    .map(({ path }) => `${path}: only lib/config.ts reads portal.yaml`);
}
