"use client";
// Tells what changed while one looks elsewhere: spoken for screen readers always, a toast unless that session is on the screen.
import { useQuery } from "@tanstack/react-query";
import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { notify } from "@/components/frame/notify";
import { type Change, changes } from "@/components/sessions/changes";
import { sessionName } from "@/components/sessions/describe";
import { recentSessions } from "@/components/sessions/queries";
import { leave } from "@/components/ui/leaving";
import { paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

const tones = { ready: "done", failed: "failed", ended: "plain" } as const;

export function Announcer() {
  const t = useTranslations("sessions");
  const router = useRouter();
  const pathname = usePathname();
  const { data } = useQuery(recentSessions);
  // Null until the first answer: what is there when the page opens is no news.
  const before = useRef<SessionView[] | null>(null);
  const [spoken, setSpoken] = useState("");

  const words = ({ session }: Change) =>
    t("announce", {
      name: sessionName(session),
      state: session.endReason ? t(`end.${session.endReason}`) : t(`state.${session.state}`),
    });
  const tell = useEffectEvent((found: Change[]) => {
    if (found.length > 0) setSpoken(found.map(words).join(" "));
    for (const change of found) {
      const href = paths.session(change.session.id);
      // Whoever looks at that very session sees it change.
      if (change.kind === "step" || pathname === href) continue;
      const action = { label: t("show"), onClick: () => leave(() => router.push(href)) };
      void notify({ tone: tones[change.kind], text: words(change), action });
    }
  });

  useEffect(() => {
    if (!data) return;
    if (before.current) tell(changes(before.current, data));
    before.current = data;
  }, [data]);

  return (
    <div aria-live="polite" className="sr-only">
      {spoken}
    </div>
  );
}
