import { expect, it } from "vitest";
import { calledBy } from "@/components/people/called";

it.each([
  ["Ann Lee", "Ann"],
  ["  José  García ", "José"],
  ["Anne-Marie O’Neill", "Anne-Marie"],
  ["ann", "ann"],
  ["Müller, Ann", "Müller, Ann"],
  ["Dr. Ann Lee", "Dr. Ann Lee"],
  ["J. Smith", "J. Smith"],
  ["山田 太郎", "山田 太郎"],
  ["Иван Петров", "Иван Петров"],
  ["", ""],
])("%j is greeted as %j", (name, called) => {
  expect(calledBy(name)).toBe(called);
});
