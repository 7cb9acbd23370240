"use client";
// Home's first line: who is greeted by the clock on their wall, and what their sessions are at in one sentence.
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { calledBy } from "@/components/people/called";
import { me } from "@/components/people/queries";
import { liveSessions } from "@/components/sessions/queries";
import { ButtonLink } from "@/components/ui/button";
import { useIsInBrowser, useNow } from "@/components/ui/now";
import { PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";
import { can } from "@/lib/sessions/rules";

function partOfDay(hour: number): "night" | "morning" | "afternoon" | "evening" {
  if (hour < 5) return "night";
  if (hour < 12) return "morning";
  return hour < 18 ? "afternoon" : "evening";
}

/** `hour`: what the server knows of their clock, for the first HTML; the browser knows better. Null at a first visit. */
export function Greeting({ hour }: { hour: number | null }) {
  const t = useTranslations("people");
  const person = useQuery(me);
  const now = useNow();
  const isInBrowser = useIsInBrowser();
  // Where the server did not know it, nothing changes under the reader's eyes: the next page will know.
  const part = hour === null ? "any" : partOfDay(isInBrowser ? new Date(now).getHours() : hour);
  return (
    <PageHeader
      title={
        person.data ? (
          t(`greeting.${part}`, { name: calledBy(person.data.name) })
        ) : (
          <>
            <span className="sr-only">{t("home")}</span>
            <Skeleton className="h-7 w-64 max-w-full" />
          </>
        )
      }
      text={<SessionSummary />}
      actions={
        <ButtonLink look="primary" href={paths.launch()}>
          <Plus aria-hidden />
          {t("launch")}
        </ButtonLink>
      }
    />
  );
}

// The answer to "is mine ready?" without reading the list.
function SessionSummary() {
  const t = useTranslations("people");
  const live = useQuery(liveSessions);
  if (!live.data) return <Skeleton className="mt-1 h-4 w-44" />;
  const ready = live.data.filter((session) => can(session, "open").allowed).length;
  // One that is being stopped is on its way to nothing.
  const wanted = live.data.filter((session) => can(session, "stop").allowed).length;
  return <span>{t("summary", { ready, waiting: wanted - ready })}</span>;
}
