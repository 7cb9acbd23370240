"use client";
// Tells what changed while one looks elsewhere: spoken for screen readers always, a toast unless that session is on the screen.
import { useQuery } from "@tanstack/react-query";
import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { notify } from "@/components/frame/notify";
import { type Change, changes } from "@/components/sessions/changes";
import { sessionName } from "@/components/sessions/describe";
import { endedSessions, liveSessions } from "@/components/sessions/queries";
import { leave } from "@/components/ui/leaving";
import { paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

const tones = { ready: "done", failed: "failed", ended: "plain" } as const;

export function Announcer() {
  const t = useTranslations("sessions");
  const router = useRouter();
  const pathname = usePathname();
  const live = useQuery(liveSessions).data;
  const ended = useQuery(endedSessions).data;
  // What was last known of each. Null until the first answer: what is there when the page opens is no news.
  const before = useRef<Map<string, SessionView> | null>(null);
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
    if (!live || !ended) return;
    // The two lists are asked one after the other: one that ended in between is in both, or in none for a moment.
    const now = new Map([...live, ...ended].map((session) => [session.id, session]));
    if (before.current) tell(changes([...before.current.values()], [...now.values()]));
    before.current = new Map([...(before.current ?? []), ...now]);
  }, [live, ended]);

  return (
    <div aria-live="polite" className="sr-only">
      {spoken}
    </div>
  );
}
