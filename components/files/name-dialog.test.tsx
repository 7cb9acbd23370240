import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import messages from "@/components/files/messages.en.json";
import { NameDialog } from "@/components/files/name-dialog";
import { displayPath, encodeTyped } from "@/lib/files/rules";
import type { FileEntry } from "@/lib/files/schema";

function dialogOf(name: string): string {
  const entry: FileEntry = {
    ...{ type: "file", name: displayPath(name), path: `/data/${name}`, size: 1, mode: "0644", owner: "a", group: "a" },
    ...{ modifiedAt: "2026-11-01T10:00:00.000Z", target: null },
  };
  return renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <NextIntlClientProvider locale="en" timeZone="UTC" messages={{ files: messages }}>
        <NameDialog cluster="hpc" wish={{ kind: "rename", entry }} onClose={() => undefined} />
      </NextIntlClientProvider>
    </QueryClientProvider>,
  );
}

it("renaming begins with the name itself, whatever of it is shown otherwise", () => {
  for (const name of ["نمی\u200cدانم.txt", "שלום\u200f.txt", "na\u00adive"]) {
    expect(dialogOf(encodeTyped(name))).toContain(`value="${name}"`);
    expect(dialogOf(encodeTyped(name))).not.toContain(messages.name.notWhole);
  }
});

it("renaming says it when the name cannot be kept as it is", () => {
  expect(dialogOf("caf%E9.txt")).toContain('value="caf\ufffd.txt"');
  expect(dialogOf("caf%E9.txt")).toContain(messages.name.notWhole);
});
