// Which language a file is in, told from its name; each one's parser is loaded with the first file of it.
import type { Extension } from "@codemirror/state";
import { endingOf } from "@/components/files/arrange";

type Load = () => Promise<Extension>;

/** The older modes are tables for one engine. */
const stream = async (
  mode: Promise<Parameters<typeof import("@codemirror/language")["StreamLanguage"]["define"]>[0]>,
) => {
  const [{ StreamLanguage }, table] = await Promise.all([import("@codemirror/language"), mode]);
  return StreamLanguage.define(table);
};

const javascript: Load = async () =>
  (await import("@codemirror/lang-javascript")).javascript({ jsx: true, typescript: true });
const shell: Load = () => stream(import("@codemirror/legacy-modes/mode/shell").then((mode) => mode.shell));
const cpp: Load = async () => (await import("@codemirror/lang-cpp")).cpp();
const xml: Load = async () => (await import("@codemirror/lang-xml")).xml();
const yaml: Load = async () => (await import("@codemirror/lang-yaml")).yaml();

const loads: [endings: string, load: Load][] = [
  ["py smk ipy", async () => (await import("@codemirror/lang-python")).python()],
  ["js mjs cjs ts tsx jsx", javascript],
  ["json ipynb ndjson jsonl", async () => (await import("@codemirror/lang-json")).json()],
  ["md", async () => (await import("@codemirror/lang-markdown")).markdown()],
  ["yaml yml", yaml],
  ["xml svg", xml],
  ["html htm xhtml", async () => (await import("@codemirror/lang-html")).html()],
  ["css", async () => (await import("@codemirror/lang-css")).css()],
  ["c h cc cpp cxx hpp cu java", cpp],
  ["sh bash zsh csh tcsh", shell],
  ["r", () => stream(import("@codemirror/legacy-modes/mode/r").then((mode) => mode.r))],
  ["jl", () => stream(import("@codemirror/legacy-modes/mode/julia").then((mode) => mode.julia))],
  ["f f90 f95 f03 for", () => stream(import("@codemirror/legacy-modes/mode/fortran").then((mode) => mode.fortran))],
  ["toml", () => stream(import("@codemirror/legacy-modes/mode/toml").then((mode) => mode.toml))],
  ["lua", () => stream(import("@codemirror/legacy-modes/mode/lua").then((mode) => mode.lua))],
  ["pl pm", () => stream(import("@codemirror/legacy-modes/mode/perl").then((mode) => mode.perl))],
  ["m", () => stream(import("@codemirror/legacy-modes/mode/octave").then((mode) => mode.octave))],
  ["cmake", () => stream(import("@codemirror/legacy-modes/mode/cmake").then((mode) => mode.cmake))],
  ["tex bib", () => stream(import("@codemirror/legacy-modes/mode/stex").then((mode) => mode.stex))],
  ["ini cfg conf", () => stream(import("@codemirror/legacy-modes/mode/properties").then((mode) => mode.properties))],
];

const byEnding = new Map(
  loads.flatMap(([endings, load]) => endings.split(" ").map((ending) => [ending, load] as const)),
);

/** Null for plain text. `text` tells of a script without an ending. */
export function languageOf(name: string, text: string): Load | null {
  const known = byEnding.get(endingOf(name));
  if (known) return known;
  if (/^#!.*\bpython/.test(text)) return byEnding.get("py") ?? null;
  return /^#!.*\b(sh|bash|zsh)\b/.test(text) || /^#SBATCH/m.test(text.slice(0, 500)) ? shell : null;
}
