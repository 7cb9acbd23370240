"use client";
// Deleting: into the trash, from where it can be put back at once, or for good.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { type Operation, trashIds } from "@/components/files/operations";
import { hasTrash } from "@/components/files/queries";
import { useOperate } from "@/components/files/use-operate";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import type { FileEntry } from "@/lib/files/schema";

type Props = { cluster: string; entries: FileEntry[] | null; onClose: () => void };

export function DeleteDialog({ cluster, entries, onClose }: Props) {
  const t = useTranslations("files");
  const count = entries?.length ?? 0;
  return (
    <Dialog
      open={entries !== null}
      onClose={onClose}
      title={t("delete.title", { count, name: entries?.[0]?.name ?? "" })}
    >
      {entries ? <DeleteForm {...{ cluster, entries, onClose }} /> : null}
    </Dialog>
  );
}

function DeleteForm({ cluster, entries, onClose }: Props & { entries: FileEntry[] }) {
  const t = useTranslations("files");
  const operate = useOperate();
  // Until it is known, the trash is asked for: the portal refuses that where there is none.
  const canComeBack = useQuery(hasTrash(cluster)).data !== false;
  const [isForGood, setForGood] = useState(false);
  const permanent = isForGood || !canComeBack;
  const count = entries.length;
  const putBack = async ({ done }: Operation) => {
    const items = trashIds(done);
    if (items.length > 0)
      await operate({ action: "restore", cluster, items }, { done: t("delete.undone", { count: items.length }) });
  };
  const submit = () => {
    onClose();
    const done = t(permanent ? "delete.doneForGood" : "delete.done", { count });
    const undo = permanent
      ? undefined
      : { label: t("delete.undo"), run: (operation: Operation) => void putBack(operation) };
    void operate({ action: "delete", cluster, paths: entries.map(({ path }) => path), permanent }, { done, undo });
  };
  return (
    <>
      <p className="text-ink2">{t(permanent ? "delete.permanent" : "delete.trash")}</p>
      {count > 1 ? (
        <ul className="max-h-40 overflow-y-auto rounded-md bg-sunk px-3 py-2 text-sm">
          {entries.slice(0, 100).map(({ path, name }) => (
            <li key={path} dir="auto" className="truncate">
              {name}
            </li>
          ))}
          {count > 100 ? <li className="text-ink3">{t("operation.more", { count: count - 100 })}</li> : null}
        </ul>
      ) : null}
      {canComeBack ? (
        <label className="flex min-h-9 items-center gap-2.5">
          <input
            type="checkbox"
            checked={permanent}
            onChange={(event) => setForGood(event.target.checked)}
            className="size-4"
          />
          {t("delete.forGood")}
        </label>
      ) : null}
      <DialogActions>
        <Button onClick={onClose}>{t("delete.keep")}</Button>
        <Button look="destroy" autoFocus onClick={submit}>
          {t(permanent ? "delete.confirm" : "delete.toTrash")}
        </Button>
      </DialogActions>
    </>
  );
}
