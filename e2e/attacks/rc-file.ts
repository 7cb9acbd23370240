// A person's own ~/.bashrc, with lines before everything else in it while a test runs. Debian's bash reads it for a command
// over ssh too. Of people only whom no other suite uses: accounts are machine-wide.
import { chownSync, readFileSync, statSync, writeFileSync } from "node:fs";

export async function withRcFile<T>(who: string, lines: string[], run: () => Promise<T>): Promise<T> {
  const file = `/home/${who}/.bashrc`;
  const before = readFileSync(file);
  const { uid, gid } = statSync(file);
  const write = (content: string | Buffer) => {
    writeFileSync(file, content);
    chownSync(file, uid, gid);
  };
  write(`${lines.join("\n")}\n${before.toString()}`);
  try {
    return await run();
  } finally {
    write(before);
  }
}
