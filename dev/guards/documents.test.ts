// What the documents promise is there: files they link to, headings they point at, and every variable the portal reads.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const decisions = readdirSync("docs/decisions").map((name) => join("docs/decisions", name));
const guides = readdirSync("docs").map((name) => join("docs", name));
const documents = ["README.md", "AGENTS.md", "CHANGELOG.md", "cluster/README.md", ...guides, ...decisions].filter(
  (path) => path.endsWith(".md"),
);

/** As GitHub makes them: lower case, punctuation dropped, spaces to dashes. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
const anchorsOf = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ""));

function brokenLinks(path: string): string[] {
  const links = [...readFileSync(path, "utf8").matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : join(dirname(path), file);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
}

describe("the documents", () => {
  it.each(documents)("%s links only to what is there", (path) => expect(brokenLinks(path)).toEqual([]));

  it("name every variable that the portal reads", () => {
    const source = readFileSync("lib/env.ts", "utf8");
    const direct = [...source.matchAll(/process\.env\.([A-Z_]+)/g)].map((match) => match[1] ?? "");
    const secrets = [...source.matchAll(/secret\("([A-Z_]+)"\)/g)].map((match) => match[1] ?? "");
    const page = readFileSync("docs/operations.md", "utf8");
    // Node's and next-auth's own, and two that only developers set.
    const elsewhere = ["NODE_ENV", "NEXTAUTH_URL", "PORTAL_DEMO", "PORTAL_SENTINELS"];
    const names = [...new Set([...direct, ...secrets])].filter((name) => !elsewhere.includes(name));
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
