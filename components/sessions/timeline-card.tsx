"use client";
// The steps of one session in order, those to come included, so that one sees where it stands.
import clsx from "clsx";
import { useTranslations } from "next-intl";
import { lasted } from "@/components/sessions/time-left";
import { type Moment, moments } from "@/components/sessions/timeline";
import { Card } from "@/components/ui/card";
import { Clock } from "@/components/ui/when";
import type { SessionView } from "@/lib/sessions/schema";

// Filled, ringed, hollow and turned: they differ in black and white too.
const marks: Record<Moment["mark"], string> = {
  done: "bg-accent",
  now: "bg-ok ring-4 ring-ok-soft",
  next: "border-2 border-line2 bg-panel",
  bad: "bg-bad rotate-45 rounded-none",
};
/** Now, and nothing that anybody need do about it. */
const waits = "bg-wait ring-4 ring-wait-soft";

/** What happened, when, and how long each step took; what is still to come is hollow. */
export function TimelineCard({ session }: { session: SessionView }) {
  const t = useTranslations("sessions");
  const all = moments(session);
  return (
    <Card title={t("timeline.title")}>
      <ol>
        {all.map((moment, index) => (
          <li
            key={moment.kind}
            className="group relative grid grid-cols-[1rem_minmax(0,1fr)_auto] gap-x-2.5 pb-3.5 last:pb-0"
          >
            <span
              aria-hidden
              className="absolute top-3 bottom-[-0.75rem] left-[0.4375rem] w-px bg-line2 group-last:hidden"
            />
            <span
              aria-hidden
              className={clsx(
                "relative mt-1.5 ml-[0.1875rem] size-2.5 rounded-full",
                moment.mark === "now" && session.state === "queued" ? waits : marks[moment.mark],
              )}
            />
            <span className={moment.mark === "next" ? "text-ink3" : undefined}>
              {moment.kind === "started" && !moment.at
                ? t("timeline.start")
                : t(`timeline.${moment.kind}`, { node: session.node ?? session.cluster })}
              <Took from={all[index - 1]?.at ?? null} to={moment.at} />
            </span>
            <span className="text-sm text-ink3">
              {moment.at ? <Clock at={moment.at} seconds /> : t("timeline.next")}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Took({ from, to }: { from: string | null; to: string | null }) {
  const t = useTranslations("sessions");
  const time = lasted(from, to);
  // What took no time is not worth a word.
  return time && time !== "0 s" ? (
    <span className="ml-1.5 text-sm text-ink3">{t("timeline.after", { time })}</span>
  ) : null;
}
