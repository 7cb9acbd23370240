import { expect, it } from "vitest";
import { newQuestion, withAnswer, withMore } from "@/components/files/asking";
import type { Candidate } from "@/components/files/upload-entries";

const candidate = (name: string): Candidate => ({ file: new File([], name), folders: [] });
const [hidden, taken, fresh, later] = [".h", "taken", "fresh", "later"].map(candidate) as [
  Candidate,
  Candidate,
  Candidate,
  Candidate,
];
const judge = {
  isInHidden: false,
  isHidden: ({ file }: Candidate) => file.name.startsWith("."),
  isThere: ({ file }: Candidate) => file.name === "taken",
};

it("what comes while something is asked joins it, and nothing of the first is forgotten", () => {
  const first = withMore(null, [hidden, fresh], judge);
  expect(first).toEqual({ isInHidden: false, hidden: [hidden], existing: [], fresh: [fresh] });
  const both = withMore(first, [taken, later], judge);
  expect(both).toEqual({ isInHidden: false, hidden: [hidden], existing: [taken], fresh: [fresh, later] });
});

it("what was said of hidden files is not asked again when more come", () => {
  const answered = withAnswer(withMore(null, [hidden, taken], judge), true, judge);
  expect(answered).toEqual({ isInHidden: false, hidden: [], existing: [taken], fresh: [hidden] });
  expect(withMore(answered, [later], judge).hidden).toEqual([]);
  expect(withAnswer(withMore(null, [hidden, taken], judge), false, judge).fresh).toEqual([]);
});

it("in a hidden folder every file is asked about", () => {
  expect(withMore(null, [fresh], { ...judge, isInHidden: true }).hidden).toEqual([fresh]);
});

it("what comes late joins what is asked by then, and nothing is uploaded twice", () => {
  const question = newQuestion();
  const { take } = question;
  expect(take([taken], judge)).toEqual([]);
  expect(take([fresh], judge)).toEqual([]);
  expect(question.now()).toMatchObject({ existing: [taken], fresh: [fresh] });
  expect(question.end()).toMatchObject({ existing: [taken], fresh: [fresh] });
  expect(take([later], judge)).toEqual([later]);
  expect(question.now()).toBeNull();
});
