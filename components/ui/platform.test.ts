import { expect, it } from "vitest";
import { isMac, isWindows } from "@/components/ui/platform";

it.each([
  [{ userAgentData: { platform: "Windows" }, platform: "Linux x86_64" }, "windows"],
  [{ platform: "Win32" }, "windows"],
  [{ platform: "MacIntel" }, "mac"],
  [{ userAgentData: { platform: "macOS" } }, "mac"],
  [{ platform: "iPhone" }, "mac"],
  [{ userAgentData: { platform: "Linux" } }, "other"],
  [{}, "other"],
])("%j has the keys of %s", (navigator, system) => {
  expect([isWindows(navigator), isMac(navigator)]).toEqual([system === "windows", system === "mac"]);
});
