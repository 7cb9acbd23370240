"use client";
// One session: what it is at and what to do about it, its log, its time, what happened, what was asked.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { Failed } from "@/components/frame/failed";
import { useTitle } from "@/components/frame/use-title";
import { sessionName } from "@/components/sessions/describe";
import { useOpenOnceReady } from "@/components/sessions/open-when-ready";
import { oneSession } from "@/components/sessions/queries";
import { RequestCard } from "@/components/sessions/request-card";
import { SessionHeader } from "@/components/sessions/session-header";
import { SessionLogCard } from "@/components/sessions/session-log";
import { SessionNow } from "@/components/sessions/session-now";
import { TimeCard } from "@/components/sessions/time-card";
import { TimelineCard } from "@/components/sessions/timeline-card";
import { ButtonLink } from "@/components/ui/button";
import { Missing } from "@/components/ui/missing";
import { Notice } from "@/components/ui/notice";
import { SkeletonPage } from "@/components/ui/skeleton";
import { When } from "@/components/ui/when";
import { isPortalError } from "@/lib/errors";
import { paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

export function SessionPage({ id }: { id: string }) {
  const t = useTranslations("sessions");
  const found = useQuery(oneSession(id));
  // What is not there for this person any more is not shown as if it were: a silent portal is another thing.
  const isGone = found.error !== null && "code" in found.error && found.error.code === "not_found";
  if (isGone) return <NoSuchSession />;
  if (found.data)
    return (
      <>
        {found.isError ? (
          <Notice tone="wait" title={t(isAnswer(found.error) ? "notRenewed.refused" : "notRenewed.title")}>
            {t(isAnswer(found.error) ? "notRenewed.refusedText" : "notRenewed.text")}{" "}
            <When at={new Date(found.dataUpdatedAt).toISOString()} />. {found.error.message}
          </Notice>
        ) : null}
        <Loaded session={found.data} updatedAt={found.dataUpdatedAt} />
      </>
    );
  if (found.isPending) return <SkeletonPage label={t("loading")} />;
  return <Failed error={found.error} retry={found.refetch} />;
}

/** The portal said why: it is there. */
const isAnswer = (error: Error): boolean =>
  isPortalError(error) && (error.code === "forbidden" || error.code === "too_many" || error.code === "denied");

function Loaded({ session, updatedAt }: { session: SessionView; updatedAt: number }) {
  const t = useTranslations("sessions");
  // Here and not beside the checkbox, which is gone as soon as the session is ready.
  useOpenOnceReady(session);
  const state = session.endReason ? t(`end.${session.endReason}`) : t(`state.${session.state}`);
  useTitle(`${state} · ${sessionName(session)}`);
  return (
    <>
      <SessionHeader session={session} updatedAt={updatedAt} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="grid min-w-0 gap-5">
          <SessionNow session={session} />
          {/* Below one another, what is left of the time comes before the long log. */}
          <div className="empty:hidden lg:hidden">
            <TimeCard session={session} />
          </div>
          <SessionLogCard session={session} />
        </div>
        <aside className="grid min-w-0 gap-5 max-lg:md:grid-cols-2" aria-label={t("details")}>
          <div className="empty:hidden max-lg:hidden">
            <TimeCard session={session} />
          </div>
          <TimelineCard session={session} />
          <RequestCard session={session} />
        </aside>
      </div>
    </>
  );
}

function NoSuchSession() {
  const t = useTranslations("sessions");
  return (
    <Missing
      title={t("missing.title")}
      text={t("missing.text")}
      action={<ButtonLink href={paths.sessions()}>{t("missing.action")}</ButtonLink>}
    />
  );
}
