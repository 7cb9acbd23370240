"use client";
// All my sessions: filtered by the URL, a table on a desk, cards on a phone.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, SearchX } from "lucide-react";
import { useTranslations } from "next-intl";
import { useQueryStates } from "nuqs";
import { Failed } from "@/components/frame/failed";
import { LiveMark } from "@/components/frame/live-mark";
import { NoSessions } from "@/components/sessions/my-sessions";
import { sessionPages } from "@/components/sessions/queries";
import { filterParsers, SessionFilters } from "@/components/sessions/session-filters";
import { SessionRow } from "@/components/sessions/session-row";
import { SessionTable } from "@/components/sessions/session-table";
import { Button, ButtonLink } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { SkeletonRows } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";

export function SessionList() {
  const t = useTranslations("sessions");
  const [filter, setFilter] = useQueryStates(filterParsers);
  const found = useInfiniteQuery(sessionPages({ state: filter.state, search: filter.q }));
  const sessions = found.data?.pages.flatMap((page) => page.items);
  // An empty list means two things: nothing there, or nothing that matches.
  const filtered = filter.state !== "all" || filter.q !== "";
  return (
    <>
      <PageHeader
        title={t("title")}
        text={<LiveMark updatedAt={found.dataUpdatedAt} />}
        actions={
          <ButtonLink look="primary" href={paths.launch()}>
            <Plus aria-hidden />
            {t("none.action")}
          </ButtonLink>
        }
      />
      <section aria-label={t("title")} className="card overflow-hidden">
        <SessionFilters filter={filter} onChange={setFilter} />
        {found.isError && !sessions ? <Failed error={found.error} retry={found.refetch} /> : null}
        {found.isPending ? <SkeletonRows rows={5} label={t("loading")} /> : null}
        {sessions?.length === 0 && filtered ? (
          <Empty
            icon={SearchX}
            title={t("noMatch.title")}
            text={t("noMatch.text")}
            action={<Button onClick={() => setFilter(null)}>{t("noMatch.action")}</Button>}
          />
        ) : null}
        {sessions?.length === 0 && !filtered ? <NoSessions /> : null}
        {sessions && sessions.length > 0 ? (
          <div
            aria-busy={found.isPlaceholderData}
            className={found.isPlaceholderData ? "opacity-60 transition-opacity" : undefined}
          >
            {/* Both are drawn and CSS shows one: a script would have to measure first, and the page would jump. */}
            <div className="max-lg:hidden">
              <SessionTable sessions={sessions} />
            </div>
            <ul className="divide-y divide-line lg:hidden">
              {sessions.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
          </div>
        ) : null}
        {found.hasNextPage ? (
          <div className="grid justify-items-center border-line border-t p-3">
            <Button look="quiet" busy={found.isFetchingNextPage} onClick={() => found.fetchNextPage()}>
              {t("more")}
            </Button>
          </div>
        ) : null}
      </section>
    </>
  );
}
