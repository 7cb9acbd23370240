"use client";
// Opening a session's app: a one-time address is asked for, then shown in a tab of its own.
import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { ask } from "@/components/api";
import { notify } from "@/components/frame/notify";
import { api } from "@/lib/paths";

/**
 * `open` must be called from a click. The tab is opened before the answer is there, because browsers block
 * tabs that a later answer opens; where one is blocked all the same, this tab goes there.
 */
export function useOpenSession(id: string) {
  const t = useTranslations("sessions");
  const [opening, setOpening] = useState(false);
  const go = useCallback(
    async (tab: Window | null) => {
      setOpening(true);
      try {
        const { url } = await ask<"ticket">(api.ticket(id), { method: "POST" });
        // replace: "back" in the new tab must not return to a blank page.
        if (tab) tab.location.replace(url);
        else window.location.assign(url);
      } catch (error) {
        tab?.close();
        void notify({
          tone: "failed",
          text: t("openFailed"),
          detail: error instanceof Error ? error.message : undefined,
        });
      } finally {
        setOpening(false);
      }
    },
    [id, t],
  );
  const open = useCallback(() => {
    const tab = window.open("about:blank", "_blank");
    if (tab) {
      // The app is somebody else's program: it gets no handle on the portal's page.
      tab.opener = null;
      tab.document.title = t("opening");
    }
    return go(tab);
  }, [go, t]);
  const openHere = useCallback(() => go(null), [go]);
  return { open, openHere, opening };
}
