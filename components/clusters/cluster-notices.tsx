"use client";
// What a person should know of the clusters before anything else: not admitted, not answering, one machine only.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { clusters } from "@/components/clusters/queries";
import { me } from "@/components/people/queries";
import { Notice } from "@/components/ui/notice";
import { When } from "@/components/ui/when";
import type { ClusterView } from "@/lib/clusters/schema";

/** All that applies to one cluster; nothing on an ordinary day. */
export function NoticesOf({ cluster }: { cluster: ClusterView }) {
  const t = useTranslations("clusters");
  const { title, staleSince, error, notice, me: mine } = cluster;
  return (
    <>
      {staleSince ? (
        <Notice tone="wait" title={t("notice.stale", { cluster: title })}>
          {t.rich("notice.asOf", { when: () => <When at={staleSince} /> })} {error}
        </Notice>
      ) : null}
      {!staleSince && error ? (
        <Notice tone="bad" title={t("notice.error", { cluster: title })}>
          {error}
        </Notice>
      ) : null}
      {mine.admitted ? null : (
        <Notice tone="bad" title={t("notice.notAdmitted", { cluster: title })}>
          {mine.words}
        </Notice>
      )}
      {notice ? (
        <Notice tone="info" title={title}>
          {notice}
        </Notice>
      ) : null}
    </>
  );
}

export function ClusterNotices() {
  const t = useTranslations("clusters");
  const found = useQuery(clusters);
  const person = useQuery(me);
  const said = found.data?.map((cluster) => cluster.notice) ?? [];
  const general =
    found.isPending || said.includes(person.data?.instance.notice ?? null) ? null : person.data?.instance.notice;
  return (
    <div className="grid gap-3 empty:hidden">
      {general ? (
        <Notice tone="wait" title={t("notice.general")}>
          {general}
        </Notice>
      ) : null}
      {found.data?.map((cluster) => (
        <NoticesOf key={cluster.name} cluster={cluster} />
      ))}
    </div>
  );
}
