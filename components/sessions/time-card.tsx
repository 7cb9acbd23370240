"use client";
// The clock of one session.
import { useTranslations } from "next-intl";
import { lasted, timeLeft } from "@/components/sessions/time-left";
import { Card } from "@/components/ui/card";
import { Meter } from "@/components/ui/meter";
import { useNow } from "@/components/ui/now";
import { Clock, When } from "@/components/ui/when";
import { givesTimeBack, isLive } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";
import { formatMinutes } from "@/lib/units";

/** Time left while it runs, time it took after. */
export function TimeCard({ session }: { session: SessionView }) {
  const t = useTranslations("sessions");
  // Seconds count at the end, and the last minute is shown in them.
  const now = useNow("second");
  const left = isLive(session) ? timeLeft(session, now) : null;
  const asked = t("time.asked", { time: formatMinutes(session.request.minutes) });
  if (!left) {
    const ran = lasted(session.startedAt, session.endedAt);
    // Nothing has begun: all there is to say stands in the request.
    if (!ran) return null;
    return (
      <Card title={t("time.title")} actions={<b className="px-1.5">{t("ran", { time: ran })}</b>}>
        <p className="text-sm text-ink2">{asked}</p>
      </Card>
    );
  }
  const stands = givesTimeBack(session);
  return (
    <Card title={t("time.title")}>
      <p className="mb-2.5 flex items-baseline gap-2">
        <span className={left.tone === "accent" && !stands ? "text-xl font-[640]" : "text-xl font-[640] text-wait"}>
          {stands ? t("time.stands") : left.text}
        </span>
        {stands ? null : <span className="text-ink2">{t("time.left")}</span>}
      </p>
      <Meter share={left.share} tone={left.tone} label={t("time.used")} className="h-2" />
      <p className="mt-2.5 text-sm text-ink2">
        {asked}
        {session.endsAt && !stands ? (
          <>
            {` · ${t("time.ends")} `}
            <Clock at={session.endsAt} />
          </>
        ) : null}
      </p>
      {session.lastActivityAt ? (
        <p className="text-sm text-ink3">
          {t("time.lastUsed")} <When at={session.lastActivityAt} />
        </p>
      ) : null}
    </Card>
  );
}
