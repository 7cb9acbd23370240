import { expect, it } from "vitest";
import { readSpace } from "@/lib/files/space";

const df = `Filesystem      1024-blocks      Used Available Capacity Mounted on
nas:/my home    1000 400 500 45% /home/my users
`;

it("reads the room of a file system, and of the person's quota on it", () => {
  const quota = `Disk quotas for user alice (uid 1001):
     Filesystem  blocks   quota   limit   grace   files   quota   limit   grace
       /dev/sdb      7       8       9              1       0       0
      nas:/home     60*      50     70   6days      1       0       0
`;
  expect(readSpace(df, "")).toMatchObject({ fileSystem: { usedBytes: 409_600, limitBytes: 921_600 }, quota: null });
  expect(readSpace(df.replace("nas:/my home", "nas:/home"), quota).quota).toEqual({
    usedBytes: 61_440,
    limitBytes: 71_680,
  });
});

it("holds nobody up with what is no answer of df or quota", () => {
  const before = performance.now();
  for (const piece of [" ", "x 1", "1 ", "x\n"])
    readSpace(`head\nx${piece.repeat(300_000)}`, `x${piece.repeat(300_000)}`);
  expect(performance.now() - before).toBeLessThan(4000);
});

it("says nothing of what it cannot read", () => {
  expect(readSpace("", "")).toMatchObject({ fileSystem: null, quota: null });
  expect(readSpace("df: x: Stale file handle", "Disk quotas for user alice (uid 1001): none")).toMatchObject({
    fileSystem: null,
    quota: null,
  });
});
