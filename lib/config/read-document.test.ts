import { expect, it } from "vitest";
import { z } from "zod";
import { readDocument } from "@/lib/config/read-document";

it("takes keys for names as they are written, however much they look like numbers", () => {
  const { value } = readDocument(
    "110169484474386276334: alice\n0042: bob\n0x10: carol\n",
    z.record(z.string(), z.string()),
  );
  expect(value).toEqual({ "110169484474386276334": "alice", "0042": "bob", "0x10": "carol" });
});
