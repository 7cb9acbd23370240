import { beforeEach, expect, it } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import type { Run } from "@/lib/clusters/run";
import { probeTemplates } from "./probe-templates";

beforeEach(() => forgetOnce("templates"));

const bytes = (text: string) => new TextEncoder().encode(text);

/** A host that has these programs, and notes down as whom it was asked. */
function host(...programs: string[]) {
  const asked: string[] = [];
  const run: Run = async ([, , , , ...wanted], { user }) => {
    asked.push(user);
    const lines = wanted.map((name) => `${name}\t${programs.includes(name) ? `/usr/bin/${name}` : ""}\n`);
    return { code: 0, stdout: bytes(lines.join("")), stderr: bytes("") };
  };
  return { run, asked };
}

it("says of each template where its programs are, in one question", async () => {
  const { run, asked } = host("python3", "jupyter-notebook");
  const probes = await probeTemplates(run, "poller");
  expect(asked).toEqual(["poller"]);
  expect(probes["web-folder"]).toMatchObject({ available: true, found: { python3: "/usr/bin/python3" } });
  // One of several is enough.
  expect(probes.jupyter).toMatchObject({ available: true, found: { "jupyter-notebook": "/usr/bin/jupyter-notebook" } });
});

it("names what is missing and what to do about it", async () => {
  const probes = await probeTemplates(host("python3").run, "poller");
  expect(probes["web-folder"]?.available).toBe(true);
  expect(probes.jupyter).toMatchObject({
    available: false,
    missing: "jupyter not found",
    hint: expect.stringMatching(/\.$/),
  });
});

it("asks for Python where the door needs it", async () => {
  const probes = await probeTemplates(host("jupyter-notebook", "jupyter-lab").run, "poller");
  expect(probes.jupyter).toMatchObject({ available: false, missing: "python3 not found" });
});

it("fails where the host cannot be asked: what it had is not forgotten for that", async () => {
  const run: Run = async () => ({ code: 255, stdout: bytes(""), stderr: bytes("no route") });
  await expect(probeTemplates(run, "poller")).rejects.toMatchObject({ code: "cluster" });
});
