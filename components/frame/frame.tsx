"use client";
// Everything around a page. The command palette is loaded when it is first asked for.
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { Announcer } from "@/components/frame/announcer";
import { BottomBar } from "@/components/frame/bottom-bar";
import { Live } from "@/components/frame/live";
import { LoginNotice } from "@/components/frame/login-notice";
import { OfflineBanner } from "@/components/frame/offline-banner";
import { Sidebar } from "@/components/frame/sidebar";
import { TopBar } from "@/components/frame/top-bar";
import { useShortcuts } from "@/components/frame/use-shortcuts";
import { Dialog } from "@/components/ui/dialog";
import { late } from "@/components/ui/late";

const Palette = late({ load: () => import("@/components/frame/palette"), Place: PaletteBox });

type PaletteProps = { open: boolean; onClose: () => void; children: ReactNode };

/** Where the palette would be, for the word that it could not be loaded. */
function PaletteBox({ open, onClose, children }: PaletteProps) {
  const t = useTranslations("frame");
  return (
    <Dialog open={open} onClose={onClose} title={t("search")} quietTitle>
      {children}
    </Dialog>
  );
}

type Props = {
  title: string;
  /** Where events were when the page was asked for. */
  since: string | null;
  children: ReactNode;
};

export function Frame({ title, since, children }: Props) {
  const t = useTranslations("frame");
  const [palette, setPalette] = useState<"never" | "open" | "closed">("never");
  useShortcuts({ onPalette: () => setPalette((now) => (now === "open" ? "closed" : "open")) });
  return (
    <div className="grid min-h-dvh md:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#page"
        className="fixed top-2 left-2 z-30 -translate-y-16 rounded-md bg-accent px-4 py-2 font-semibold text-accent-ink focus:translate-y-0"
      >
        {t("skip")}
      </a>
      <Sidebar title={title} />
      <div className="min-w-0">
        <TopBar onSearch={() => setPalette("open")} />
        <OfflineBanner />
        <LoginNotice />
        <main
          id="page"
          tabIndex={-1}
          className="mx-auto grid max-w-288 grid-cols-[minmax(0,1fr)] content-start gap-5 px-4 pt-5 pb-28 outline-none md:gap-6 md:px-8 md:pt-7 md:pb-16"
        >
          {children}
        </main>
      </div>
      <BottomBar />
      <Live since={since} />
      <Announcer />
      {palette === "never" ? null : <Palette open={palette === "open"} onClose={() => setPalette("closed")} />}
    </div>
  );
}
