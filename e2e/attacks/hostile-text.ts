// Texts that no field may stumble over, each once as a string and once as the bytes that travel in an address or a header.
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { enteredFolder } from "@/e2e/attacks/well-formed";

/** Made by any of the texts below that is ever executed by a shell, wherever that happens. */
const markerName = `b-${randomBytes(3).toString("hex")}`;
export const marker = `/tmp/${markerName}`;
export const wasExecuted = (): boolean =>
  [marker, ...readdirSync("/home").map((who) => `/home/${who}/${markerName}`)].some((file) => existsSync(file));

/** Set by any script below that a browser runs. */
export const executedInBrowser = "pwned";
export const script = `<script>${executedInBrowser}=1</script>`;
export const image = `<img src=x onerror=${executedInBrowser}=1>`;

/** Short enough for a name of 80 characters, and without a space, which is spelled otherwise where names go to a cluster. */
export const shell = `$(touch$IFS${marker})\`touch$IFS${marker}\`';touch$IFS${marker};'|&`;
/** The same for a file's name, which has no slash: the marker is in the home of whoever executes it. */
export const shellName = `$(cd;touch\${IFS}${markerName})\`cd;touch\${IFS}${markerName}\`';cd;touch\${IFS}${markerName};'|&`;
export const html = `"'>${script}${image}{{7*7}}`;

/** Stands where bytes go that no string can hold. */
const BYTES = "bytes-that-are-no-text";
const NO_UTF8 = Buffer.from([0x61, 0xff, 0xfe, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf5, 0x62]);

/** By what they attack. Slurm reads `#SBATCH` lines, terminals read ESC, spreadsheets read a leading `=`. */
const texts = {
  NUL: "a\0b",
  "a line break": `a\r\n#SBATCH --output=${marker}\n`,
  ESC: "\u001b]52;c;ZXZpbA==\u0007\u001b[2J",
  "U+2028": "a\u2028#SBATCH --requeue",
  "U+2029": "a\u2029b",
  shell,
  "shell without a slash": shellName,
  HTML: html,
  formula: `=cmd|' /C touch ${marker}'!A1`,
  long: "x".repeat(2 ** 20),
  "a lone surrogate": "a\ud800b",
  "a bidi override": "a\u202egnp.exe\u2066b",
  "no UTF-8": BYTES,
} as const;

export type HostileText = { kind: string; text: string };
export const hostileTexts: HostileText[] = Object.entries(texts).map(([kind, text]) => ({ kind, text }));

/** Enough for a number or a choice, which takes no text at all. */
const few = new Set(["NUL", "shell", "long"]);
/** Node takes at most 16 KiB of head: this still reaches the route. */
const longInHead = "x".repeat(12_000);

/** Fields that take only what starts with a slash, and those that name a file, which should be one in a root. */
const takesPath = /dir|folder|\(value\)/i;
const takesFile = /^([\w-]+\.)?(path|paths\.\[\]|to)$/;
/** What is no archive is not unpacked. */
const suffixFor = (name: string): string => (name === "extract.path" ? ".zip" : "");

function prefixFor(name: string): string {
  if (takesFile.test(name)) return `~/${enteredFolder}/`;
  return takesPath.test(name) ? "/" : "";
}

/** What to enter at a place: in a request's head a long text is one that Node still takes. */
export function textsFor(place: { name: string; isFree: boolean; isInHead: boolean }): HostileText[] {
  const chosen = hostileTexts.filter(({ kind }) => place.isFree || few.has(kind));
  const prefix = prefixFor(place.name);
  return chosen.map(({ kind, text }) => ({
    kind,
    text: prefix + (kind === "long" && place.isInHead ? longInHead : text) + suffixFor(place.name),
  }));
}

/** As it travels where nothing encodes it. A lone surrogate gets the three bytes that UTF-8 forbids for it. */
export function bytesOf(text: string): Buffer {
  if (text.includes(BYTES)) return NO_UTF8;
  return Buffer.concat(
    [...text].map((one) => (one.isWellFormed() ? Buffer.from(one) : Buffer.from([0xed, 0xa0, 0x80]))),
  );
}

/** For a path or a query. */
export const percent = (text: string): string =>
  bytesOf(text)
    .toString("latin1")
    .replace(/[^A-Za-z0-9]/g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** JSON in which the stand-in is replaced by the bytes themselves. */
export function jsonBytes(value: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  const at = json.indexOf(BYTES);
  return at < 0 ? json : Buffer.concat([json.subarray(0, at), NO_UTF8, json.subarray(at + BYTES.length)]);
}
