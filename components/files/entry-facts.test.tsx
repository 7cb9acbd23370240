import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { EntryFacts } from "@/components/files/entry-facts";
import messages from "@/components/files/messages.en.json";
import type { FileEntry } from "@/lib/files/schema";

const entry: FileEntry = {
  ...{ type: "link", name: "latest", path: "/data/latest", size: 1, mode: "0750", owner: "alice", group: "lab" },
  modifiedAt: "2026-11-01T10:00:00.000Z",
  target: { text: "runs/7", type: null },
};

/** The words, one after the other. */
function textOf(shown: FileEntry): string {
  const page = (
    <NextIntlClientProvider locale="en" timeZone="UTC" messages={{ files: messages }}>
      <EntryFacts entry={shown} />
    </NextIntlClientProvider>
  );
  return renderToStaticMarkup(page)
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

it("a narrow window shows whose a thing is, who may do what with it, and what a link leads to", () => {
  expect(textOf(entry)).toBe("Permissions rwxr-x--- Owner alice :lab Link leads to runs/7, which is not there");
  expect(textOf({ ...entry, type: "file", target: null })).toBe("Permissions rwxr-x--- Owner alice :lab");
});
