"use client";
// What was deleted on a cluster: put back, or deleted for good.
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { hasTrash, trash } from "@/components/files/queries";
import { useOperate } from "@/components/files/use-operate";
import { Failed } from "@/components/frame/failed";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { SkeletonRows } from "@/components/ui/skeleton";
import { When } from "@/components/ui/when";
import { displayPath, splitPath } from "@/lib/files/rules";
import type { TrashItem } from "@/lib/files/schema";
import { formatBytes } from "@/lib/units";

const mostShown = 200;
/** As many as the portal lists: there may be more of them. */
const mostListed = 1000;

export function TrashCard({ cluster, title }: { cluster: string; title: string }) {
  const t = useTranslations("files.trash");
  const found = useQuery(trash(cluster));
  const isOn = useQuery(hasTrash(cluster)).data !== false;
  const operate = useOperate();
  const [asked, setAsked] = useState<"all" | TrashItem | null>(null);
  const items = found.data?.toSorted((a, b) => (a.deletedAt < b.deletedAt ? 1 : -1)) ?? [];
  const restore = ({ id }: TrashItem) =>
    void operate({ action: "restore", cluster, items: [id] }, { done: t("restored") });
  const destroy = (ids?: string[]) =>
    void operate({ action: "empty-trash", cluster, items: ids }, { done: t("emptied") });
  const one = asked === "all" ? null : asked;
  const isAll = items.length < mostListed;
  const notShown = items.length - mostShown;
  // Switched off: only what was put there before is still to be had back.
  if (!isOn && items.length === 0) return null;
  return (
    <Card
      flush
      title={t("title")}
      note={t("text", { cluster: title })}
      actions={
        items.length > 0 ? (
          <Button look="quiet" size="sm" onClick={() => setAsked("all")}>
            <Trash2 aria-hidden />
            {t("emptyAll")}
          </Button>
        ) : null
      }
    >
      {found.isPending ? <SkeletonRows rows={2} label={t("title")} /> : null}
      {found.isError ? <Failed error={found.error} retry={found.refetch} /> : null}
      {found.data?.length === 0 ? <p className="px-5 pb-5 text-ink2">{t("empty")}</p> : null}
      <ul className="divide-y divide-line border-line border-t empty:hidden">
        {items.slice(0, mostShown).map((item) => (
          <li key={item.id} className="flex items-center gap-x-2 px-4 py-2 sm:px-5">
            <div className="min-w-0 flex-1">
              <p dir="auto" className="truncate font-semibold">
                {item.name}
              </p>
              <p className="truncate text-sm text-ink3">
                {t("was", { path: displayPath(splitPath(item.path).folder) })}
                {item.type === "file" ? ` · ${formatBytes(item.size)}` : null} · <When at={item.deletedAt} />
              </p>
            </div>
            <Button size="sm" aria-label={t("restoreOne", { name: item.name })} onClick={() => restore(item)}>
              {t("restore")}
            </Button>
            <Button
              look="quiet"
              size="sm"
              aria-label={t("deleteOne", { name: item.name })}
              onClick={() => setAsked(item)}
            >
              <Trash2 aria-hidden className="text-bad" />
            </Button>
          </li>
        ))}
        {notShown > 0 ? (
          <li className="px-4 py-2 text-ink2 sm:px-5">{t(isAll ? "more" : "moreMany", { count: notShown })}</li>
        ) : null}
      </ul>
      <Dialog
        open={asked !== null}
        onClose={() => setAsked(null)}
        title={one ? t("oneTitle", { name: one.name }) : t("emptyTitle", { cluster: title })}
        description={one ? t("oneText") : t(isAll ? "emptyText" : "emptyMany", { count: items.length })}
      >
        <DialogActions>
          <Button onClick={() => setAsked(null)}>{t(one ? "keepOne" : "keep")}</Button>
          <Button
            look="destroy"
            onClick={() => {
              setAsked(null);
              destroy(one ? [one.id] : undefined);
            }}
          >
            {t(one ? "deleteForGood" : "emptyAll")}
          </Button>
        </DialogActions>
      </Dialog>
    </Card>
  );
}
