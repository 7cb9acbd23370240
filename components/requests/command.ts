// The command that will run, for people: as one line for a shell, and broken into readable lines.

const harmless = /^[\w@%+=:,./-]+$/;

/** One word for a POSIX shell: quoted only when it must be. */
export const quote = (word: string): string => (harmless.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** What to paste into a shell. */
export const commandLine = (argv: string[]): string => argv.map(quote).join(" ");

/** Lines of at most `width` characters where words allow it; continued ones end in a backslash. */
export function commandLines(argv: string[], width = 35): string[] {
  const lines: string[] = [];
  for (const word of argv.map(quote)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line));
}
