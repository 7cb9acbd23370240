import { expect, it } from "vitest";
import type { ClusterConfig } from "@/lib/config";
import { rootsOf, scriptFault } from "@/lib/files/place";

function roots(settings: Record<string, unknown>): string[] {
  // The rest of a cluster's settings is not looked at.
  const config = { files: {}, sessionPath: "~/.berth/sessions", ...settings } as ClusterConfig;
  return rootsOf(config, "alice").map(({ title, path }) => `${title} ${path}`);
}

it.each([
  ["in the home", {}, ["Home ~"]],
  ["elsewhere", { sessionPath: "/scratch/{user}/s" }, ["Home ~", "Sessions /scratch/alice/s"]],
  [
    "in the scratch, too",
    { sessionPath: "/scratch/{user}/s", scratchPath: "/scratch" },
    ["Home ~", "Sessions /scratch/alice/s", "Scratch /scratch"],
  ],
  [
    "in none of the roots that are given",
    { files: { roots: [{ title: "Project", path: "/project" }] } },
    ["Project /project", "Sessions ~/.berth/sessions"],
  ],
  [
    "beside one that begins alike",
    { sessionPath: "/projects", files: { roots: [{ title: "P", path: "/project" }] } },
    ["P /project", "Sessions /projects"],
  ],
  [
    "in one that is given",
    { sessionPath: "/p/alice/s", files: { roots: [{ title: "P", path: "/p/{user}/" }] } },
    ["P /p/alice/"],
  ],
])("sessions that are %s can be looked at", (_where, settings, expected) => {
  expect(roots(settings)).toEqual(expected);
});

it.each([
  ["mv: cannot move './.berth-upload-1' to './a:b': Invalid argument", "invalid"],
  ["mkdir: cannot create directory 'a': Invalid or incomplete multibyte or wide character", "invalid"],
  ["chmod: changing permissions of 'a': Invalid argument", "cluster"],
  ["mv: cannot move 'a' to 'b': Input/output error", "cluster"],
])("of “%s” the portal says %s: a name that is refused is not tried again", (words, code) => {
  expect(scriptFault(28, Buffer.from(words))).toMatchObject({ code, words });
});
