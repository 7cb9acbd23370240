import { expect, it } from "vitest";
import { usableShell } from "@/lib/usable-shell";

it.each(["/usr/sbin/nologin", "/bin/false", "/no/such/shell", "", null])(
  "is no shell that lets nobody in: %j",
  (shell) => {
    expect(usableShell(shell)).toMatch(/^\/bin\/(ba)?sh$/);
  },
);

it("is the account's own where it can be", () => expect(usableShell("/bin/sh")).toBe("/bin/sh"));
