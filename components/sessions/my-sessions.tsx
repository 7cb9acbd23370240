"use client";
// Home's list: everything that lives, then what ended lately, so that a failure is not missed.
import { useQuery } from "@tanstack/react-query";
import { Rocket } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Failed } from "@/components/frame/failed";
import { LiveMark } from "@/components/frame/live-mark";
import { endedSessions, liveSessions } from "@/components/sessions/queries";
import { SessionRow } from "@/components/sessions/session-row";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Empty } from "@/components/ui/empty";
import { useNow } from "@/components/ui/now";
import { SkeletonRows } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

const endedShown = 3;
// Yesterday's failure is still news in the morning.
const lately = 36 * 3_600_000;

/** At most three that ended in the last day and a half; none where much is running. */
function endedLately(ended: SessionView[], now: number): SessionView[] {
  return ended.filter(({ endedAt }) => endedAt && now - Date.parse(endedAt) < lately).slice(0, endedShown);
}

export function MySessions() {
  const t = useTranslations("sessions");
  const live = useQuery(liveSessions);
  const last = useQuery(endedSessions);
  const now = useNow();
  // The two are asked one after the other: what ended in between is in both, and shown once.
  const ended = (last.data ?? []).filter(({ id }) => !live.data?.some((one) => one.id === id));
  const shown = live.data && [...live.data, ...endedLately(ended, now)];
  return (
    <Card
      flush
      title={t("mine")}
      note={<LiveMark updatedAt={live.dataUpdatedAt} />}
      actions={
        <Link href={paths.sessions()} className="link px-1.5 text-sm">
          {t("all")}
        </Link>
      }
    >
      {live.isError && !shown ? <Failed error={live.error} retry={live.refetch} /> : null}
      {live.isPending ? <SkeletonRows label={t("loading")} /> : null}
      {shown?.length === 0 ? <NoSessions /> : null}
      {shown && shown.length > 0 ? (
        <ul className="mt-1 divide-y divide-line border-line border-t">
          {shown.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      ) : null}
    </Card>
  );
}

export function NoSessions() {
  const t = useTranslations("sessions");
  return (
    <Empty
      icon={Rocket}
      title={t("none.title")}
      text={t("none.text")}
      action={
        <ButtonLink look="primary" href={paths.launch()}>
          {t("none.action")}
        </ButtonLink>
      }
    />
  );
}
