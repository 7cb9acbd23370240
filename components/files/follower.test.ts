import { describe, expect, it } from "vitest";
import { type Follower, firstBytes, follower, mostKept, type Part } from "@/components/files/follower";

type Known = { inode: string; bytes: Uint8Array };

const file = (content: string | Uint8Array, inode = "7"): Known => ({
  inode,
  bytes: typeof content === "string" ? new TextEncoder().encode(content) : content,
});

/** Answers a range of a file as the portal does. */
function answer({ inode, bytes }: Known, range: string): Part {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const size = bytes.length;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" ? size : Math.min(size, Number(last) + 1);
  if (from >= end) return { from: null, size, inode, bytes: new Uint8Array() };
  return { from, size, inode, bytes: bytes.slice(from, end) };
}

/** Asks until there is nothing more to be had at once. */
function look(follower: Follower, at: Known): string {
  while (follower.take(answer(at, follower.range())));
  return follower.followed().text;
}

const letters = (count: number, letter = "x") => letter.repeat(count);

describe("following a file", () => {
  it("shows what is there and then what is added", () => {
    const following = follower();
    expect(look(following, file(""))).toBe("");
    expect(look(following, file("one\n"))).toBe("one\n");
    expect(look(following, file("one\n"))).toBe("one\n");
    expect(look(following, file("one\ntwo\n"))).toBe("one\ntwo\n");
    expect(following.followed()).toMatchObject({ isCut: false, isRestarted: false });
  });

  it("begins near the end of a long file, with a whole character", () => {
    const following = follower();
    const text = look(following, file(`€${letters(firstBytes - 2)}`));
    expect(text).toBe(letters(firstBytes - 2));
    expect(following.followed().isCut).toBe(true);
  });

  it("never asks for more than it keeps, however much was added", () => {
    const following = follower();
    look(following, file("begin\n"));
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(following.range()) ?? [];
    expect(Number(to) - Number(from)).toBeLessThan(mostKept + 1000);
    const text = look(following, file(`begin\n${letters(3 * mostKept)}end\n`));
    expect(text.length).toBe(firstBytes);
    expect(text.endsWith("xend\n")).toBe(true);
    expect(following.followed()).toMatchObject({ isCut: true, isRestarted: false });
  });

  it("begins anew when another file has the name, even a longer one", () => {
    const following = follower();
    look(following, file("same\n", "7"));
    expect(look(following, file("same\nnew\n", "8"))).toBe("same\nnew\n");
    expect(following.followed().isRestarted).toBe(true);
  });

  it.each([
    ["emptied", ""],
    ["a little shorter", "old lin"],
    ["as long", "new line"],
    ["longer", "new lines that are longer"],
  ])("begins anew when the file was written anew, and is %s", (_, content) => {
    const following = follower();
    look(following, file("old line"));
    expect(look(following, file(content))).toBe(content);
    expect(following.followed().isRestarted).toBe(true);
  });

  it("puts characters and colours together that two parts share", () => {
    const whole = file("a€b\u001b[31mred\u001b[0m\n");
    for (let cut = 0; cut <= whole.bytes.length; cut += 1) {
      const following = follower();
      look(following, file(whole.bytes.slice(0, cut)));
      expect(look(following, whole)).toBe("a€bred\n");
    }
  });

  it("shows a bar that writes over itself as it is in the end, wherever two parts of it are cut", () => {
    const whole = file("start\r\n 10%|#\r\u001b[K 20%|##\u001b[K\r 30%|###\rdone\r\nend\n");
    for (let cut = 0; cut <= whole.bytes.length; cut += 1) {
      const following = follower();
      look(following, file(whole.bytes.slice(0, cut)));
      expect(look(following, whole)).toBe("start\ndone\nend\n");
    }
  });

  it("keeps what was printed before a bar of a hundred thousand states", () => {
    const following = follower();
    let bar = "start\n";
    for (let at = 0; at < 20; at += 1) {
      bar += "\r 99%|#########".repeat(5000);
      look(following, file(bar));
    }
    expect(following.followed()).toEqual({ text: "start\n 99%|#########", isCut: false, isRestarted: false });
  });
});
