// A program to be run on a pseudo-terminal has no stdin to send its argv by: that is where the person types. So the words
// travel in the command itself, in base64, whose letters mean nothing to any login shell.
import { checkArgv } from "./shell-script";

// Every word goes between two `x`: $(...) drops newlines at its end, and an empty word would vanish from the list.
// Single quotes, no `!` and no newline: tcsh accepts it too.
const DECODE =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours.
  'set --; for w in $W; do v=$(printf %s "$w" | base64 -d); v=${v#x}; set -- "$@" "${v%x}"; done; unset W; exec "$@"';

/** The command for `exec` with a terminal, RFC 4254 6.5. Throws `invalid` for what cannot be an argv. */
export function terminalCommand(argv: string[]): string {
  checkArgv(argv);
  const words = argv.map((word) => Buffer.from(`x${word}x`).toString("base64")).join(" ");
  return `exec env COLORTERM=truecolor W='${words}' /bin/sh -c '${DECODE}'`;
}

/** A login shell that starts in `folder`, or at home when it cannot go there; the folder is an argument, not text of the script. */
export const shellIn = (folder: string): string[] => [
  "/bin/sh",
  "-c",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours.
  'cd -- "$1" || printf "Starting at home instead.\\n"; exec "${SHELL:-/bin/sh}" -l',
  "sh",
  folder,
];
