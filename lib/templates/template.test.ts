import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { readTemplate, templates } from "./template";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-template-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, files: Record<string, string>): void {
  mkdirSync(join(directory, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, name, file), text);
}

const manifest = (more = "") => `name: NAME
version: "1"
title: A page
summary: Shows a page.
auth: door
upstream: socket
software: [host]
resources:
  cpus: {default: 1}
  memoryGiB: {default: 1}
  minutes: {default: 60}
${more}`;

describe("a template's mistakes are said with file and line", () => {
  it.each([
    ["broken", "name: [broken", /^templates\/broken\/template\.yaml:1 /],
    ["unknown", manifest("flavour: vanilla\n"), /template\.yaml:12 flavour: There is no such key\.$/m],
    ["lacking", "name: lacking\n", /template\.yaml:1 title: It is missing\.$/m],
    [
      "choiceless",
      manifest("parameters: [{name: a, label: A, kind: choice}]\n"),
      /template\.yaml:12 parameters\S* .*(choices|missing)/m,
    ],
    [
      "unchosen",
      manifest("parameters: [{name: a, label: A, kind: choice, default: z, choices: [{value: x, label: X}]}]\n"),
      /The default is none of the choices\.$/m,
    ],
    ["worded", manifest("parameters: [{name: a, label: A, kind: number, default: few}]\n"), /A number needs a number/],
    [
      "outside",
      manifest("parameters: [{name: a, label: A, kind: number, default: 9, max: 3}]\n"),
      /not between min and/,
    ],
    [
      "crossed",
      manifest("parameters: [{name: a, label: A, kind: number, min: 9, max: 3}]\n"),
      /min is more than max\.$/m,
    ],
    [
      "twice",
      manifest("parameters: [{name: a, label: A, kind: text}, {name: a, label: B, kind: text}]\n"),
      /Two parameters have the same name\.$/m,
    ],
    ["halves", manifest().replace("cpus: {default: 1}", "cpus: {default: 1.5}"), /Whole numbers only\.$/m],
    [
      "unreachable",
      manifest().replace("minutes: {default: 60}", "minutes: {default: 60, max: 30}"),
      /not between min and/,
    ],
    ["imaged", manifest().replace("[host]", "[image]"), /Images are not offered yet/],
  ])("%s", (name, text, words) => {
    write(name, { "template.yaml": text.replace("NAME", name), "script.sh": "true\n" });
    expect(() => readTemplate(directory, name)).toThrow(words);
  });

  it("a folder by another name", () => {
    write("other", { "template.yaml": manifest().replace("NAME", "mine"), "script.sh": "true\n" });
    expect(() => readTemplate(directory, "other")).toThrow("templates/other: its name must be other.");
  });

  it("an icon that could run something", () => {
    const icon = '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>';
    write("icon", { "template.yaml": manifest().replace("NAME", "icon"), "script.sh": "true\n", "icon.svg": icon });
    expect(() => readTemplate(directory, "icon")).toThrow("templates/icon/icon.svg holds active content.");
  });
});

it("what a version control keeps beside them is no template, and a folder without one is said to be none", () => {
  const all = mkdtempSync(join(tmpdir(), "berth-templates-"));
  onTestFinished(() => rmSync(all, { recursive: true }));
  symlinkSync(resolve("templates/web-folder"), join(all, "web-folder"));
  mkdirSync(join(all, ".git"));
  writeFileSync(join(all, "README"), "");
  vi.stubEnv("PORTAL_TEMPLATES", all);
  onTestFinished(() => void vi.unstubAllEnvs());
  forgetOnce("");
  expect([...templates().keys()]).toEqual(["web-folder"]);
  mkdirSync(join(all, "copied"));
  forgetOnce("");
  expect(templates).toThrow("templates/copied has no template.yaml.");
});

it("another script is another version", () => {
  write("first", { "template.yaml": manifest().replace("NAME", "first"), "script.sh": "true\n" });
  const before = readTemplate(directory, "first").version;
  writeFileSync(join(directory, "first", "script.sh"), "false\n");
  expect(readTemplate(directory, "first").version).not.toBe(before);
  expect(before).toMatch(/^1\+[0-9a-f]{8}$/);
});
