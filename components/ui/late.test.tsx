import { NextIntlClientProvider } from "next-intl";
import type { ComponentType, ReactNode } from "react";
import { prerenderToNodeStream } from "react-dom/static";
import { expect, it, vi } from "vitest";
import { messages } from "@/components/messages";
import { late } from "@/components/ui/late";

type Named = { name: string };
const Table = ({ name }: Named) => <p>Table of {name}</p>;

const Place = ({ name, children }: Named & { children: ReactNode }) => (
  <div>
    In place of {name}: {children}
  </div>
);

/** What somebody reads who opens the page with it: the text alone. */
async function read(Part: ComponentType<Named>): Promise<string> {
  const { prelude } = await prerenderToNodeStream(
    <NextIntlClientProvider locale="en" messages={messages} timeZone="UTC">
      <h1>Files</h1>
      <Part name="data.csv" />
    </NextIntlClientProvider>,
  );
  const html = (await Array.fromAsync(prelude)).map(String).join("");
  return html.replace(/<script.*?<\/script>|<!--.*?-->/g, "").replace(/<[^>]+>/g, " ");
}

function loading(failures: number) {
  const load = vi.fn(async () => ({ default: Table }));
  for (let at = 0; at < failures; at++) load.mockRejectedValueOnce(new Error("Failed to load chunk"));
  return load;
}

it("is loaded once, however often it is drawn", async () => {
  const load = loading(0);
  const Part = late({ load });
  expect(load).not.toHaveBeenCalled();
  expect(await read(Part)).toContain("Table of data.csv");
  expect(await read(Part)).toContain("Table of data.csv");
  expect(load).toHaveBeenCalledTimes(1);
});

it("leaves the page where it is when it cannot be loaded, and is really loaded again the next time", async () => {
  const load = loading(1);
  const Part = late({ load });
  const failed = await read(Part);
  expect(failed).toContain("Files");
  expect(failed).toContain("Try again");
  expect(failed).not.toContain("Reload the page");
  expect(await read(Part)).toContain("Table of data.csv");
  expect(load).toHaveBeenCalledTimes(2);
});

it("offers a new page as well after a second failure", async () => {
  const Part = late({ load: loading(2) });
  await read(Part);
  const failed = await read(Part);
  expect(failed).toContain("Reload the page");
  expect(failed).toContain("Try again");
});

it("says so where the part itself would have been", async () => {
  expect(await read(late({ load: loading(1), Place }))).toMatch(
    /In place of\s+data\.csv\s*:\s+This could not be loaded/,
  );
});
