"use client";
// Chooses a folder to move or copy into; for a copy, of any cluster.
import { useQuery } from "@tanstack/react-query";
import { CornerLeftUp, FolderClosed } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { clusters } from "@/components/clusters/queries";
import { arrange, isFolder } from "@/components/files/arrange";
import { fileRoots } from "@/components/files/queries";
import { useListing } from "@/components/files/use-listing";
import { useOperate } from "@/components/files/use-operate";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { displayPath, isHiddenFolder, needsConfirmation, splitPath } from "@/lib/files/rules";
import type { FileEntry } from "@/lib/files/schema";

export type MoveWish = { kind: "move" | "copy"; entries: FileEntry[]; folder: string };
type Props = { cluster: string; wish: MoveWish | null; onClose: () => void };

export function MoveDialog({ cluster, wish, onClose }: Props) {
  const t = useTranslations("files");
  const words = { count: wish?.entries.length ?? 0, name: wish?.entries[0]?.name ?? "" };
  return (
    <Dialog
      open={wish !== null}
      onClose={onClose}
      title={t(wish?.kind === "copy" ? "move.copyTitle" : "move.moveTitle", words)}
      className="max-w-lg"
    >
      {wish ? <MoveForm {...{ cluster, wish, onClose }} /> : null}
    </Dialog>
  );
}

/** Why this folder is no place for them; null when it is. */
function faultOf({ kind, entries, folder }: MoveWish, to: string): "move.same" | "move.inside" | null {
  if (kind === "move" && to === folder) return "move.same";
  return entries.some(({ path }) => to === path || to.startsWith(`${path}/`)) ? "move.inside" : null;
}

function MoveForm({ cluster, wish, onClose }: Props & { wish: MoveWish }) {
  const t = useTranslations("files");
  const operate = useOperate();
  const known = useQuery(clusters).data ?? [];
  const [to, setTo] = useState({ cluster, path: wish.folder });
  // Where that is in truth: the path may go through links.
  const [real, setReal] = useState<string | null>(null);
  const place = real ?? to.path;
  const go = (where: typeof to) => {
    if (where.cluster === to.cluster && where.path === to.path) return;
    setTo(where);
    setReal(null);
  };
  const [isHiddenShown, setHiddenShown] = useState(isHiddenFolder(wish.folder));
  const isHere = to.cluster === cluster;
  const fault = isHere ? faultOf(wish, place) : null;
  const isHidden = isHiddenFolder(place) || wish.entries.some(({ path }) => needsConfirmation(splitPath(path).name));
  const submit = () => {
    onClose();
    const paths = wish.entries.map(({ path }) => path);
    const toCluster = isHere ? undefined : to.cluster;
    const how = { cluster, paths, to: place, overwrite: false, confirm: isHidden };
    const done = t(wish.kind === "move" ? "move.moved" : "move.copied", {
      count: paths.length,
      to: displayPath(splitPath(place).name || place),
    });
    if (wish.kind === "move") void operate({ action: "move", ...how }, { done });
    else void operate({ action: "copy", ...how, toCluster }, { done });
  };
  return (
    <>
      {wish.kind === "copy" && known.length > 1 ? (
        <Field label={t("move.cluster")}>
          <Select value={to.cluster} onChange={(event) => go({ cluster: event.target.value, path: "~" })}>
            {known.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </Select>
        </Field>
      ) : null}
      <Starts cluster={to.cluster} onGo={(path) => go({ ...to, path })} />
      <Folders
        key={`${to.cluster} ${to.path}`}
        {...to}
        hidden={isHiddenShown}
        onGo={(path) => go({ ...to, path })}
        onFound={setReal}
      />
      <label className="flex min-h-9 items-center gap-2.5">
        <input
          type="checkbox"
          checked={isHiddenShown}
          onChange={(event) => setHiddenShown(event.target.checked)}
          className="size-4"
        />
        {t("move.hiddenFolders")}
      </label>
      {wish.kind === "copy" && isHere && place === wish.folder ? (
        <p className="text-ink2 text-sm">{t("move.beside", { count: wish.entries.length })}</p>
      ) : null}
      {isHidden ? <Notice tone="wait">{t("move.hidden")}</Notice> : null}
      <DialogActions>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button look="primary" reason={fault && t(fault)} onClick={submit}>
          {t(wish.kind === "copy" ? "move.copy" : "move.move")}
        </Button>
      </DialogActions>
    </>
  );
}

type Going = { cluster: string; onGo: (path: string) => void };

function Starts({ cluster, onGo }: Going) {
  const t = useTranslations("files");
  const roots = useQuery(fileRoots(cluster)).data ?? [];
  return (
    <div className="flex flex-wrap items-center gap-1 text-sm text-ink3">
      {t("move.start")}
      {roots.map(({ path, title }) => (
        <Button key={path} size="sm" onClick={() => onGo(path)}>
          {title}
        </Button>
      ))}
    </div>
  );
}

type FoldersProps = Going & { path: string; hidden: boolean; onFound: (path: string) => void };

function Folders({ cluster, path, hidden, onGo, onFound }: FoldersProps) {
  const t = useTranslations("files");
  const { head, entries, isComplete, error } = useListing({ cluster, path });
  const found = head?.path;
  useEffect(() => {
    if (found) onFound(found);
  }, [found, onFound]);
  const here = head?.path ?? path;
  const folders = arrange(entries.filter(isFolder), { sort: "name", descending: false, filter: "", hidden });
  const row = "flex min-h-10 w-full items-center gap-2.5 px-3 text-left hover:bg-sunk focus-visible:bg-sunk";
  return (
    <section aria-label={t("move.place")} className="overflow-hidden rounded-md border border-line2">
      <p dir="auto" className="truncate border-line border-b bg-sunk px-3 py-2 font-mono text-sm">
        {displayPath(here)}
      </p>
      <div className="h-64 overflow-y-auto">
        {head && head.path !== head.root ? (
          <button type="button" className={row} onClick={() => onGo(splitPath(here).folder)}>
            <CornerLeftUp aria-hidden className="size-4.5 text-ink3" />
            {t("move.up")}
          </button>
        ) : null}
        {error ? <Notice tone="bad">{error.message}</Notice> : null}
        {isComplete ? null : <Skeleton className="m-3 h-24" />}
        {isComplete && !error && folders.length === 0 ? <p className="p-3 text-ink3">{t("move.noFolders")}</p> : null}
        {folders.slice(0, 2000).map((entry) => (
          <button type="button" key={entry.path} className={row} onClick={() => onGo(entry.path)}>
            <FolderClosed aria-hidden className="size-4.5 shrink-0 fill-accent-soft text-accent" strokeWidth={1.7} />
            <span dir="auto" className="truncate">
              {entry.name}
            </span>
          </button>
        ))}
      </div>
    </section>
  );
}
