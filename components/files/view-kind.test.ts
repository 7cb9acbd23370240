import { expect, it } from "vitest";
import { viewKindOf, waysOf } from "@/components/files/view-kind";

const logs = [
  ...["log", "LOG", "job.log", "run.out", "run.err", "run.log.1", "messages.log.12", "job.o12345", "job.e7", "slurm-9"],
  ...["slurm-12_3.out", "stdout", "stderr"],
];
it.each(logs)("%s is followed from the beginning, and is text", (name) => {
  expect(waysOf(name)).toEqual(["follow", "source"]);
  expect(viewKindOf(name)).toBe("text");
});

it.each(["train.txt", "log.lammps", "log.py", "notes", "run.py", "events.jsonl", "logger.o", "catalog", "out.xyz"])(
  "%s is shown as it is, and can be followed",
  (name) => {
    expect(waysOf(name)).toEqual(["source", "follow"]);
  },
);

it.each([
  ["a.csv", ["table", "source"]],
  ["a.ipynb", ["rendered", "source"]],
  ["a.svg", ["rendered", "source"]],
  ["a.png", ["source"]],
  ["a.pdf", ["source"]],
  ["a.tar.gz", ["source"]],
])("%s is looked at as %s", (name, ways) => {
  expect(waysOf(name)).toEqual(ways);
});
