// The script that /bin/sh -s reads to run one program: argv as data, and marks around what the program prints.
// Written for any POSIX shell (dash, bash, ksh, busybox); no value is ever read by the shell as anything but a word.
import { randomBytes } from "node:crypto";
import { PortalError } from "@/lib/errors";

const MAX_ARGV_BYTES = 1024 * 1024;

/** Byte sequences that frame one stream of one call. They are random, so neither rc files nor the program can print them by chance. */
export type Marks = { begin: Buffer; end: Buffer };

export type ProgramScript = { text: string; stdout: Marks; stderr: Marks };

/** Refuses what no program could be started with, or what the shell's `exec` would take as an option of its own. */
export function checkArgv(argv: readonly string[]): void {
  const name = argv[0] ?? "";
  if (name === "" || name.startsWith("-")) throw new PortalError("invalid", "There is no program to run");
  if (argv.some((word) => word.includes("\0"))) throw new PortalError("invalid", "An argument holds a NUL byte");
  const bytes = argv.reduce((sum, word) => sum + Buffer.byteLength(word), 0);
  if (bytes > MAX_ARGV_BYTES) throw new PortalError("invalid", "The arguments are longer than any program accepts");
}

const octal = (byte: number): string => `\\0${byte.toString(8).padStart(3, "0")}`;

/**
 * One word of sh. Printable ASCII stands between single quotes; anything else is spelled in octal for printf's `%b`,
 * because shells differ in what they make of control characters and broken UTF-8. `$(...)` eats newlines at the end,
 * so those are added back, quoted.
 */
function shellWord(word: string): string {
  if (/^[\x20-\x7e\t\n]*$/.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const body = word.replace(/\n+$/, "");
  const newlines = word.slice(body.length);
  const spelled = Array.from(Buffer.from(body), octal).join("");
  return `"$(printf %b '${spelled}')"${newlines && `'${newlines}'`}`;
}

/** Marks are printed from two pieces, so that a shell that echoes its script (`set -v`) does not print one too early. */
const mark = (id: string, piece: string): string => `printf '%s.%s\\n' ${id} ${piece}`;

const marksOf = (id: string, letter: string): Marks => ({
  begin: Buffer.from(`${id}.${letter}1\n`),
  end: Buffer.from(`${id}.${letter}2 `),
});

/**
 * The script is one compound command, so the shell has read all of it before it runs any: what follows on stdin is the
 * program's alone, provided that it is sent after the begin mark was seen (dash reads a pipe in blocks). After the end
 * mark on stdout comes the exit code; 126 and 127 mean what they mean in sh. The shell itself outlives a TERM (the
 * program does not inherit that), because sshd can only signal a group whose first process is still there.
 */
export function programScript(argv: readonly string[], hasStdin: boolean): ProgramScript {
  const id = randomBytes(16).toString("hex");
  const lines = [
    "{",
    "trap : TERM",
    `set -- ${argv.map(shellWord).join(" ")}`,
    `${mark(id, "e1")} >&2`,
    mark(id, "o1"),
    `( exec "$@" )${hasStdin ? "" : " </dev/null"}`,
    `printf '%s.%s %s\\n' ${id} o2 "$?"`,
    `printf '%s.%s \\n' ${id} e2 >&2`,
    "exit 0",
    "}",
    "",
  ];
  return { text: lines.join("\n"), stdout: marksOf(id, "o"), stderr: marksOf(id, "e") };
}
