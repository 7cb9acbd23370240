import { afterEach, expect, it, vi } from "vitest";
import { keep, kept } from "@/components/ui/kept";

afterEach(() => vi.unstubAllGlobals());

it("keeps a text for the next time, and reads what another tab kept since", () => {
  const stored = new Map<string, string>();
  const localStorage = {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, text: string) => void stored.set(name, text),
  };
  vi.stubGlobal("window", { localStorage });
  keep("kept", "one");
  expect(stored.get("kept")).toBe("one");
  stored.set("kept", "another tab's");
  expect(kept("kept")).toBe("another tab's");
  expect(kept("never")).toBeNull();
});

it("knows a text as long as the page is open where the browser keeps nothing for it, and says so by throwing", () => {
  vi.stubGlobal("window", {
    get localStorage(): Storage {
      throw new DOMException("The operation is insecure.", "SecurityError");
    },
  });
  expect(kept("refused")).toBeNull();
  keep("refused", "one");
  expect(kept("refused")).toBe("one");
});
