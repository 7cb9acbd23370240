// A folder of results to look at: one page whose words a test can recognise.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const page = (title: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1></body></html>
`;

/** Makes a folder that every account of this machine can read, and removes it when the test is over. */
export async function withFolder(title: string, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "berth-results-"));
  writeFileSync(join(folder, "index.html"), page(title));
  chmodSync(folder, 0o755);
  chmodSync(join(folder, "index.html"), 0o644);
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
