"use client";
// In place of the whole document, when what is around every page threw. Nothing of that is there: no words, no query cache,
// no router. Every page brings this file along, so it is small and needs nothing that might still have to be loaded.
import { useState } from "react";
import words from "@/components/frame/last-resort.en.json";

type Props = { error: Error & { digest?: string } };

/** The digest is what the server logged the error under; what threw in the browser has none. */
export function LastResort({ error }: Props) {
  // This document replaces the one that knows the theme.
  const [theme] = useState(() =>
    typeof document === "undefined" ? undefined : document.documentElement.dataset.theme,
  );
  return (
    <html lang={words.language} data-theme={theme} suppressHydrationWarning>
      <body>
        {/* React takes these to the head. */}
        <title>{words.title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <main className="grid min-h-dvh place-items-center p-4">
          <div role="alert" className="card grid w-full max-w-lg justify-items-center gap-3 px-6 py-12 text-center">
            <h1 className="text-lg font-semibold">{words.title}</h1>
            <p className="max-w-sm text-ink2">
              {words.text}
              {error.digest ? (
                <>
                  {" "}
                  {words.number} <code className="font-mono">{error.digest}</code>
                </>
              ) : null}
            </p>
            <button
              type="button"
              onClick={() => window.location.reload()}
              className="h-9 rounded-md border border-line2 bg-panel px-3.5 font-[550] text-ink shadow-card hover:bg-sunk"
            >
              {words.action}
            </button>
          </div>
        </main>
      </body>
    </html>
  );
}
