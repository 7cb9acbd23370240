"use client";
// One folder: the way to it, what is in it, and everything that can be done with that.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useMemo, useState } from "react";
import { clusters } from "@/components/clusters/queries";
import { ActionMenu } from "@/components/files/action-menu";
import { type Arrangement, arrange } from "@/components/files/arrange";
import { DropZone } from "@/components/files/drop-zone";
import { EntryFacts } from "@/components/files/entry-facts";
import { FileList } from "@/components/files/file-list";
import { FileView } from "@/components/files/file-view";
import { FolderCrumbs } from "@/components/files/folder-crumbs";
import { FolderDialogs, useFolderWishes } from "@/components/files/folder-dialogs";
import { FolderFoot } from "@/components/files/folder-foot";
import { FolderMenu } from "@/components/files/folder-menu";
import { FolderNothing, FolderUnread } from "@/components/files/folder-nothing";
import { useFolderState } from "@/components/files/folder-state";
import { FolderToolbar } from "@/components/files/folder-toolbar";
import { NameDialog, type NameWish } from "@/components/files/name-dialog";
import { fileRoots } from "@/components/files/queries";
import { noteRecent } from "@/components/files/recent";
import { nothing, only, type Selection } from "@/components/files/selection";
import { SelectionBar } from "@/components/files/selection-bar";
import { SpaceMeter } from "@/components/files/space-meter";
import { TakeFilesDialogs, useTakeFiles } from "@/components/files/take-files";
import { UnfinishedUploads } from "@/components/files/unfinished-uploads";
import { UploadButton } from "@/components/files/upload-button";
import { useFileMenu } from "@/components/files/use-file-menu";
import { useIsPhone } from "@/components/files/use-is-phone";
import { type Listing, useListing } from "@/components/files/use-listing";
import { useReloadAfterOperations } from "@/components/files/use-reload-after-operations";
import { useReloadAfterUploads } from "@/components/files/use-reload-after-uploads";
import { notify } from "@/components/frame/notify";
import { useTitle } from "@/components/frame/use-title";
import { SkeletonRows } from "@/components/ui/skeleton";
import { displayPath } from "@/lib/files/rules";
import type { FileEntry, FolderHead } from "@/lib/files/schema";

type Where = { cluster: string; path: string };

export function FolderPage({ cluster, path }: Where) {
  const t = useTranslations("files");
  const listing = useListing({ cluster, path });
  const { head, room } = listing;
  const [{ file }] = useFolderState();
  useReloadAfterOperations(listing.reload);
  const title = useQuery(clusters).data?.find(({ name }) => name === cluster)?.title ?? cluster;
  const roots = useQuery(fileRoots(cluster)).data ?? [];
  const name = file === null ? (head?.name ?? displayPath(path)) : displayPath(file);
  useTitle(`${name} · ${t("title")}`);
  useEffect(() => {
    if (head) noteRecent({ cluster, path: head.path, name: head.name });
  }, [cluster, head]);
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <FolderCrumbs
          cluster={{ name: cluster, title }}
          path={head?.path ?? path}
          root={head?.root ?? path}
          roots={roots}
          file={file === null ? null : name}
          menu={head ? <FolderMenu cluster={cluster} head={head} /> : null}
        />
        {room && file === null ? <SpaceMeter room={room} /> : null}
        {head && file === null ? <Bringing cluster={cluster} head={head} listing={listing} /> : null}
      </div>
      {head && file === null ? <UnfinishedUploads cluster={cluster} folder={head.path} /> : null}
      {head && file === null ? <Loaded cluster={cluster} head={head} listing={listing} /> : null}
      {head && file !== null ? <FileView key={file} cluster={cluster} folder={head.path} file={file} /> : null}
      {head || listing.error ? null : (
        <div className="card">
          <SkeletonRows rows={8} label={t("loading")} />
        </div>
      )}
      {!head && listing.error ? (
        <FolderUnread cluster={cluster} error={listing.error} onRetry={listing.reload} />
      ) : null}
    </>
  );
}

/** How files come here: the buttons, what is dropped on the page, and the list that shows them when they have come. */
function Bringing({ cluster, head, listing }: LoadedProps) {
  const t = useTranslations("files");
  const [wish, setWish] = useState<NameWish | null>(null);
  const taking = useTakeFiles({ cluster, folder: head.path, root: head.root, entries: listing.entries });
  useReloadAfterUploads({ cluster, folder: head.path, reload: listing.reload });
  return (
    <>
      <UploadButton
        reason={head.writable ? null : t("notWritable")}
        onFiles={taking.take}
        onNew={(kind) => setWish({ kind, folder: head.path })}
      />
      {head.writable ? <DropZone name={head.name} onFiles={taking.take} /> : null}
      <TakeFilesDialogs taking={taking} />
      <NameDialog cluster={cluster} wish={wish} onClose={() => setWish(null)} />
    </>
  );
}

type LoadedProps = { cluster: string; head: FolderHead; listing: Listing & { reload: () => void } };

function Loaded({ cluster, head, listing }: LoadedProps) {
  const t = useTranslations("files");
  const [state, setState] = useFolderState();
  const { entries } = listing;
  const { sort, descending, filter, hidden } = state;
  const shown = useMemo(
    () => arrange(entries, { sort, descending, filter, hidden }),
    [entries, sort, descending, filter, hidden],
  );
  const [selection, setSelection] = useState<Selection>(nothing);
  const chosen = useMemo(() => shown.filter(({ path }) => selection.chosen.has(path)), [shown, selection.chosen]);
  const isPhone = useIsPhone();
  const [menu, setMenu] = useState<{ entries: FileEntry[]; x: number; y: number } | null>(null);
  const alone = menu?.entries.length === 1 ? menu.entries[0] : undefined;
  const wishes = useFolderWishes(cluster);
  const itemsFor = useFileMenu({ cluster, head, wishes: wishes.files });
  const onMenu = useCallback(
    (entry: FileEntry, at: { x: number; y: number }) => {
      const isOfMany = selection.chosen.has(entry.path) && chosen.length > 1;
      // On a desk a click on a row chooses it; on a phone only its box does.
      if (!isOfMany && !isPhone) setSelection(only(entry.path));
      setMenu({ entries: isOfMany ? chosen : [entry], ...at });
    },
    [selection.chosen, chosen, isPhone],
  );
  const arrangement = { sort, descending, filter, hidden };
  const unlessLocked = (act: () => void) =>
    head.writable ? act() : void notify({ tone: "plain", text: t("notWritable") });
  const onArrange = (change: Partial<Arrangement>) => {
    // Another order begins at its beginning: what was in sight is somewhere else now.
    window.scrollTo({ top: 0 });
    void setState(change);
  };
  return (
    <>
      <section aria-label={t("list", { name: head.name })} className="card overflow-clip">
        <div className="sticky top-13 z-[5] border-line border-b bg-panel">
          {chosen.length > 1 ? (
            <SelectionBar entries={chosen} items={itemsFor(chosen)} onClear={() => setSelection(nothing)} />
          ) : (
            <FolderToolbar arrangement={arrangement} onArrange={onArrange} onReload={listing.reload} />
          )}
        </div>
        {shown.length > 0 ? (
          <FileList
            label={t("list", { name: head.name })}
            {...{ cluster, selection, arrangement, onMenu }}
            entries={shown}
            onSelect={setSelection}
            onArrange={onArrange}
            keys={{
              onRename: (entry) => unlessLocked(() => wishes.files.onRename(entry)),
              onDelete: () => chosen.length > 0 && unlessLocked(() => wishes.files.onDelete(chosen)),
            }}
          />
        ) : (
          <FolderNothing {...{ head, listing, arrangement }} onArrange={onArrange} />
        )}
        <FolderFoot listing={listing} shown={shown.length} hidden={hidden} />
      </section>
      <ActionMenu
        title={alone ? alone.name : t("selected", { count: menu?.entries.length ?? 0 })}
        facts={alone ? <EntryFacts entry={alone} /> : null}
        items={menu ? itemsFor(menu.entries) : []}
        at={menu}
        onClose={() => setMenu(null)}
      />
      <FolderDialogs cluster={cluster} folder={head.path} wishes={wishes} />
    </>
  );
}
