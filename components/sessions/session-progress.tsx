"use client";
// What a session is at, in one or two lines: time left, why it waits, or why it ended; always what happens next.
import { useTranslations } from "next-intl";
import { clause, plain } from "@/components/sessions/describe";
import { StateChip } from "@/components/sessions/state-chip";
import { lasted, timeLeft } from "@/components/sessions/time-left";
import { Meter } from "@/components/ui/meter";
import { useNow } from "@/components/ui/now";
import { Clock, When } from "@/components/ui/when";
import { can } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

export function SessionProgress({ session }: { session: SessionView }) {
  const t = useTranslations("sessions");
  const now = useNow();
  // Only while it can be used does time run out on anybody.
  const left = can(session, "open").allowed ? timeLeft(session, now) : null;
  return (
    <div className="grid min-w-0 gap-1.5">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <StateChip session={session} />
        {left ? (
          <span className={left.tone === "accent" ? "text-sm text-ink2" : "text-sm font-semibold text-wait"}>
            {t("timeLeft", { time: left.text })}
          </span>
        ) : null}
      </div>
      {left ? <Meter share={left.share} tone={left.tone} /> : <NextLine session={session} />}
    </div>
  );
}

function NextLine({ session }: { session: SessionView }) {
  const t = useTranslations("sessions");
  const { queue, endedAt, endDetail, startedAt, staleSince } = session;
  // Before anything else: place and start are as old as the last answer.
  if (staleSince)
    return (
      <p className="text-sm text-wait">
        {t("asOf")} <When at={staleSince} />
      </p>
    );
  if (queue)
    return (
      <p className="text-sm text-ink3">
        {clause(queue.reason)}
        {queue.position ? ` · ${t("position", { position: queue.position })}` : null}
        {queue.expectedStartAt ? (
          <>
            {` · ${t("expected")} `}
            <Clock at={queue.expectedStartAt} />
          </>
        ) : null}
      </p>
    );
  if (endedAt) {
    const ran = lasted(startedAt, endedAt);
    return (
      <p className="line-clamp-2 text-sm text-ink3">
        {endDetail ? plain(endDetail) : ran ? t("ran", { time: ran }) : null}
      </p>
    );
  }
  return <p className="text-sm text-ink3">{can(session, "open").reason}</p>;
}
