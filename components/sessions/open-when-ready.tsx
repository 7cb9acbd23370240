"use client";
// "?open=1": once the app answers, this very tab goes there. A later answer may not open a tab of its own; browsers block it.
import { useTranslations } from "next-intl";
import { parseAsInteger, useQueryState } from "nuqs";
import { useEffect, useEffectEvent } from "react";
import { useOpenSession } from "@/components/sessions/use-open-session";
import { can } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

export function useOpenOnceReady(session: SessionView): void {
  const [open, setOpen] = useQueryState("open", parseAsInteger);
  const { openHere } = useOpenSession(session.id);
  const ready = can(session, "open").allowed;
  const go = useEffectEvent(async () => {
    // Taken out of the address first: going back must not open it again.
    await setOpen(null, { history: "replace" });
    await openHere();
  });
  useEffect(() => {
    if (open === 1 && ready) void go();
  }, [open, ready]);
}

export function OpenWhenReady({ session }: { session: SessionView }) {
  const t = useTranslations("sessions");
  const [open, setOpen] = useQueryState("open", parseAsInteger);
  return (
    <label className="flex items-center gap-2.5 border-line border-t pt-4 text-ink2">
      <input
        type="checkbox"
        checked={open === 1}
        onChange={(event) => setOpen(event.target.checked ? 1 : null)}
        className="size-4.5"
      />
      {t("openWhenReady", { template: session.templateTitle })}
    </label>
  );
}
