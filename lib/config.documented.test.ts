// The tables that operators read say what the schema says.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { scopes } from "@/lib/auth/schema";
import { portalConfig } from "@/lib/config/schema";

const operations = readFileSync("docs/operations.md", "utf8");
const readme = readFileSync("README.md", "utf8");

const defaults = portalConfig.parse({
  url: "https://berth.example.org",
  appsHosts: "*.apps.example.org",
  signIn: { issuer: "https://id.example.org", clientId: "berth" },
  clusters: [
    {
      ...{ name: "hpc", scheduler: "slurm", account: { from: "claim", claim: "sub" }, nodeNetworks: ["10.0.0.0/8"] },
      ssh: {
        hosts: [{ host: "login1" }],
        hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMOt603NiVFSLDkXCacYHSG6d9/3OG8ntR6DBTr7l6M"],
        ca: { keyFile: "/ca" },
      },
    },
  ],
});

function keysOf(schema: unknown): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodArray) return keysOf(schema.element);
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? keysOf(schema.unwrap()) : [];
}

const section = (text: string, heading: string): string => text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
const cells = (row: string): string[] => row.split(/(?<!\\)\|/).map((cell) => cell.trim());
const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
const unnamed = (names: readonly string[], text: string) => names.filter((name) => !text.includes(`\`${name}\``));
const numbersOf = (values: object) => Object.fromEntries(Object.entries(values).filter(([, value]) => value > 0));

/** "`a` 3, `b` 2.5" of the paragraph that begins with `name`. */
function figures(name: string): Record<string, number> {
  const paragraph = operations.split(`\n\`${name}\`: `)[1]?.split("\n\n")[0] ?? "";
  const pairs = [...paragraph.matchAll(/`(\w+)` ([\d.]+\d|\d)/g)];
  return Object.fromEntries(pairs.map(([, key, figure]) => [key, Number(figure)]));
}

/** Defaults in the table of `name`; a row may have two keys and two defaults. */
function table(name: string): Record<string, string> {
  const rows = operations.split(`\n| \`${name}:\` in portal.yaml |`)[1]?.split("\n\n")[0]?.split("\n").slice(2) ?? [];
  return Object.fromEntries(
    rows.flatMap((row) => {
      const [, keys = "", values = ""] = cells(row);
      return quoted(keys).map((key, index) => [key, (values.split(", ")[index] ?? "").replaceAll("`", "")]);
    }),
  );
}

describe("docs/operations.md", () => {
  it("has the waits, and what they are", () => expect(figures("waits")).toEqual(defaults.waits));

  it("has the figures of ssh", () => expect(figures("ssh")).toEqual(numbersOf(defaults.clusters[0]?.ssh ?? {})));

  it.each(["terminals", "files"] as const)("has the defaults of %s", (name) => {
    const expected = Object.entries(defaults[name]).map(([key, value]) => [key, String(value)]);
    expect(table(name)).toEqual(Object.fromEntries(expected));
  });

  it.each(keysOf(portalConfig))("has %s in its table", (name) => {
    const first = section(operations, "portal.yaml")
      .split("\n")
      .map((row) => cells(row)[1] ?? "");
    expect(first.flatMap(quoted).map((key) => key.split(/[.[]/)[0])).toContain(name);
  });

  it("names every key of a cluster", () => {
    const rows = section(operations, "portal.yaml")
      .split("\n")
      .filter((row) => row.startsWith("| `clusters"));
    const named = rows.flatMap((row) => quoted(cells(row)[1] ?? "")).map((key) => key.split(".")[1]);
    expect(new Set(named)).toEqual(new Set(keysOf(portalConfig.shape.clusters)));
  });

  it("names every scope", () => {
    expect(unnamed(scopes, section(operations, "Tokens for operators"))).toEqual([]);
  });
});

describe("README.md", () => {
  const rows = section(readme, "Configuration").split("\n");

  it.each(Object.entries(portalConfig.shape))("has %s and what is in it", (name, schema) => {
    const row = rows.find((text) => quoted(cells(text)[1] ?? "").some((key) => key.replace("[]", "") === name));
    // How long to wait is for the few who must know: docs/operations.md has it.
    const keys = name === "waits" ? [] : keysOf(schema);
    expect(quoted(row ?? "")).toEqual(expect.arrayContaining(keys));
    expect(row).toBeDefined();
  });
});

it("docs/api.md names every scope", () => {
  expect(unnamed(scopes, section(readFileSync("docs/api.md", "utf8"), "Scopes"))).toEqual([]);
});
