import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import messages from "@/components/files/messages.en.json";
import { ModeDialog } from "@/components/files/mode-dialog";
import type { FileEntry } from "@/lib/files/schema";

const entry = (name: string, mode: string): FileEntry => ({
  ...{ type: "file", name, path: `/data/${name}`, size: 1, mode, owner: "a", group: "a" },
  ...{ modifiedAt: "2026-11-01T10:00:00.000Z", target: null },
});

const dialogOf = (...modes: string[]): string =>
  renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <NextIntlClientProvider locale="en" timeZone="UTC" messages={{ files: messages }}>
        <ModeDialog cluster="hpc" entries={modes.map((mode) => entry(mode, mode))} onClose={() => undefined} />
      </NextIntlClientProvider>
    </QueryClientProvider>,
  );

it("of things whose permissions differ that is said, no number is given, and nothing is set before something is chosen", () => {
  const shown = dialogOf("0755", "0600");
  expect(shown).toContain(messages.mode.differ);
  expect(shown).toContain(messages.mode.choose);
  expect(shown).toContain('value=""');
});

it("of things that have the same permissions their number is given", () => {
  const shown = dialogOf("0640", "0640");
  expect(shown).toContain('value="0640"');
  for (const words of [messages.mode.differ, messages.mode.choose]) expect(shown).not.toContain(words);
});
