import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { atMost, type Report, withoutGoal, writeTable } from "@/bench/report";

const verdict = atMost(2, { what: "echo", against: "nginx | wrk", value: 3.456, figures: "1 ms" });

const run = { commit: "abc1234", machine: { cores: 2 }, versions: { node: "v24" }, load: [1, 2] as [number, number] };

function written(report: Report): string {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "performance.md");
  writeFileSync(file, "before\n<!-- npm run bench writes from here -->\nold\n<!-- to here -->\nafter\n");
  writeTable(file, report);
  return readFileSync(file, "utf8");
}

it("puts what was found between the markers, and keeps what stands around it", () => {
  const text = written({ echo: { ...run, at: "2026-01-02T10:00:00Z", rounds: 5, verdicts: [verdict] } });
  expect(text).toMatch(/^before\n<!--/);
  expect(text).toMatch(/-->\nafter\n$/);
  expect(text).not.toContain("old");
  expect(text).toContain("| echo | nginx / wrk | at most 2 | **3.46** | **no** | 1 ms | 1.0, 2.0 |");
  expect(text).toContain("Measured 2026-01-02, 5 rounds, commit abc1234; cores 2. Versions: node v24.\n\n| what");
});

it("says of each benchmark when, how often and with what it was measured, where that was not in one run", () => {
  const bench = { ...run, verdicts: [verdict] };
  const text = written({
    echo: { ...bench, at: "2026-01-01T10:00:00Z", rounds: 5 },
    click: { ...bench, at: "2026-01-01T11:00:00Z", rounds: 5 },
    pages: { ...bench, at: "2026-01-02T10:00:00Z", rounds: 1 },
    crowd: { ...bench, at: "2026-01-02T11:00:00Z", rounds: 1, commit: "def5678", versions: { node: "v25" } },
  });
  const paragraphs = [
    "echo, click: measured 2026-01-01, 5 rounds, commit abc1234; cores 2. Versions: node v24.",
    "pages: measured 2026-01-02, 1 round, commit abc1234; cores 2. Versions: node v24.",
    "crowd: measured 2026-01-02, 1 round, commit def5678; cores 2. Versions: node v25.",
  ];
  expect(text).toContain(`${paragraphs.join("\n\n")}\n\n| what`);
});

it("tells what has no goal and judges it not", () => {
  const told = withoutGoal({ what: "behind a door", against: "nginx", value: 0.1, figures: "1 ms" });
  const text = written({ echo: { ...run, at: "2026-01-02T10:00:00Z", rounds: 5, verdicts: [told] } });
  expect(text).toContain("| behind a door | nginx |  | 0.10 |  | 1 ms | 1.0, 2.0 |");
});
