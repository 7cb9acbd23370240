// How a file is shown, told from its name. What is in it may turn out otherwise: then it is shown as text or not at all.
import { endingOf } from "@/components/files/arrange";
import { archiveBase } from "@/lib/files/rules";

export type ViewKind = "text" | "code" | "data" | "image" | "pdf" | "table" | "notebook" | "page" | "archive" | "other";

const endings: Record<Exclude<ViewKind, "text" | "other">, string> = {
  code: "py sh bash zsh csh tcsh js mjs cjs ts tsx jsx c h cc cpp cxx hpp cu f f90 f95 f03 for r jl lua pl pm m sql java rs go rb css cmake mk nf smk wdl def",
  data: "json yaml yml toml xml ini cfg conf ndjson jsonl",
  image: "png jpg jpeg gif webp avif bmp",
  pdf: "pdf",
  table: "csv tsv",
  notebook: "ipynb",
  page: "html htm xhtml svg",
  archive: "zip tar gz tgz bz2 xz zst 7z",
};

const byEnding = new Map<string, ViewKind>(
  // Object.entries forgets which keys the record has.
  Object.entries(endings).flatMap(([kind, text]) => text.split(" ").map((ending) => [ending, kind as ViewKind])),
);

const textEndings = new Set("txt md rst log out err tex bib fasta fa fq gff vcf bed sam nwk dat lst readme".split(" "));

/** Written to while somebody looks at it, most likely: logs, also turned ones, and what schedulers write of a job. */
const isLog = (name: string): boolean =>
  /^(log|stdout|stderr)$|\.(log|out|err)(\.\d+)?$|\.[oe]\d+$|^slurm-\d/i.test(name);

export function viewKindOf(name: string): ViewKind {
  const ending = endingOf(name);
  const known = byEnding.get(ending);
  if (known) return known;
  if (/^(dockerfile|makefile|snakefile|cmakelists\.txt|jenkinsfile)$/i.test(name)) return "code";
  return ending === "" || textEndings.has(ending) || isLog(name) ? "text" : "other";
}

export type Way = "source" | "table" | "rendered" | "follow";

/** How a file can be looked at, the way in which it is opened first. */
export function waysOf(name: string): Way[] {
  switch (viewKindOf(name)) {
    case "table":
      return ["table", "source"];
    case "notebook":
    case "page":
      return ["rendered", "source"];
    case "image":
    case "pdf":
    case "archive":
      return ["source"];
    default:
      return isLog(name) ? ["follow", "source"] : ["source", "follow"];
  }
}

/** What the portal can unpack. */
export const isArchive = (name: string): boolean => archiveBase(name) !== null;
