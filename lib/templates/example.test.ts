import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTemplate } from "@/lib/templates/template";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "template-test-"));
  const page = readFileSync("docs/writing-a-template.md", "utf8");
  mkdirSync(join(dir, "follow-file"));
  for (const name of ["template.yaml", "script.sh", "icon.svg"]) {
    const block = page.split(`\`${name}\`:\n\n`)[1] ?? "";
    writeFileSync(join(dir, "follow-file", name), /^```\w+\n([\s\S]*?)^```$/m.exec(block)?.[1] ?? "");
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("the worked example of docs/writing-a-template.md", () => {
  it("is a template that the portal takes", () => {
    const { manifest, icon } = readTemplate(dir, "follow-file");
    expect(manifest).toMatchObject({
      auth: "door",
      upstream: "socket",
      parameters: [{ name: "file", required: true }],
    });
    expect(icon).toMatch(/^<svg/);
  });

  it("ends with a sentence when its file is not there", () => {
    const environment = { ...process.env, BERTH_PARAM_FILE: "/no/such/file", BERTH_SOCKET: join(dir, "socket") };
    const run = () =>
      execFileSync("bash", [join(dir, "follow-file/script.sh")], { env: environment, encoding: "utf8" });
    expect(run).toThrow(expect.objectContaining({ status: 66, stdout: "there is no file /no/such/file\n" }));
  });
});
