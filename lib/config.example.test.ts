import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseConfig } from "@/lib/config";

const file = "docs/portal.example.yaml";

it("the portal.yaml that operators copy is one that the portal takes", () => {
  const { appsHosts, clusters, limits } = parseConfig(readFileSync(file, "utf8"), file);
  expect(appsHosts).toBe("*.apps.berth.example.org");
  expect(clusters[0]).toMatchObject({ name: "hexa", poll: "all", ssh: { hosts: [{ port: 22 }, { port: 22 }] } });
  expect(limits).toHaveLength(3);
});

it("the same with a mistake is refused, naming the line", () => {
  const lines = readFileSync(file, "utf8").replace("scheduler: slurm", "scheduler: slurn").split("\n");
  const line = lines.findIndex((text) => text.includes("slurn")) + 1;
  expect(() => parseConfig(lines.join("\n"), file)).toThrow(new RegExp(`^${file}:${line} clusters\\.0\\.scheduler: `));
});
