import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { atMost, type Report, writeTable } from "@/bench/report";

const verdict = atMost(2, { what: "echo", against: "nginx | wrk", value: 3.456, figures: "1 ms" });

function written(benches: Report["benches"]): string {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "performance.md");
  writeFileSync(file, "before\n<!-- npm run bench writes from here -->\nold\n<!-- to here -->\nafter\n");
  writeTable(file, { at: "2026-01-03T00:00:00Z", machine: { cores: 2 }, versions: { node: "v24" }, benches });
  return readFileSync(file, "utf8");
}

it("puts what was found between the markers, and keeps what stands around it", () => {
  const text = written({ echo: { at: "2026-01-02T10:00:00Z", rounds: 5, load: [1, 2], verdicts: [verdict] } });
  expect(text).toMatch(/^before\n<!--/);
  expect(text).toMatch(/-->\nafter\n$/);
  expect(text).not.toContain("old");
  expect(text).toContain("| echo | nginx / wrk | at most 2 | **3.46** | **no** | 1 ms | 1.0, 2.0 |");
  expect(text).toContain("Measured 2026-01-02, 5 rounds; cores 2. Versions: node v24.");
});

it("says of each benchmark when and how often it was measured, where that was not in one run", () => {
  const bench = { load: [1, 1] as [number, number], verdicts: [verdict] };
  const text = written({
    echo: { ...bench, at: "2026-01-01T10:00:00Z", rounds: 5 },
    click: { ...bench, at: "2026-01-01T11:00:00Z", rounds: 5 },
    pages: { ...bench, at: "2026-01-02T10:00:00Z", rounds: 1 },
  });
  expect(text).toContain("Measured 2026-01-01, 5 rounds (echo, click); 2026-01-02, 1 round (pages); cores 2.");
});
