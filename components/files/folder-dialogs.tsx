"use client";
// The dialogs of a folder and which of them is asked for.
import { useTranslations } from "next-intl";
import { useState } from "react";
import { DeleteDialog } from "@/components/files/delete-dialog";
import { LaunchHereDialog } from "@/components/files/launch-here-dialog";
import { ModeDialog } from "@/components/files/mode-dialog";
import { MoveDialog } from "@/components/files/move-dialog";
import { NameDialog } from "@/components/files/name-dialog";
import type { FileWishes } from "@/components/files/use-file-menu";
import { useOperate } from "@/components/files/use-operate";
import { notify } from "@/components/frame/notify";
import { useOpenTerminal } from "@/components/terminals/use-open-terminal";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { isHiddenFolder, needsConfirmation, splitPath } from "@/lib/files/rules";
import type { FileEntry } from "@/lib/files/schema";

type Asked =
  | { kind: "rename"; entry: FileEntry }
  | { kind: "move" | "copy"; entries: FileEntry[] }
  | { kind: "delete" | "mode"; entries: FileEntry[] }
  | { kind: "extract"; entry: FileEntry }
  | { kind: "launch"; path: string };

export type FolderWishes = { asked: Asked | null; ask: (asked: Asked | null) => void; files: FileWishes };

/** Whether programs may read on their own what an archive is unpacked to, beside it and under its name. */
const isInHidden = ({ path }: FileEntry): boolean => {
  const { folder, name } = splitPath(path);
  return isHiddenFolder(folder) || needsConfirmation(name);
};

function useExtract() {
  const t = useTranslations("files");
  const operate = useOperate();
  return (where: { cluster: string; path: string; confirm: boolean }) =>
    void operate({ action: "extract", ...where }, { done: t("operation.done") });
}

export function useFolderWishes(cluster: string): FolderWishes {
  const t = useTranslations("terminals");
  const extract = useExtract();
  const terminal = useOpenTerminal({
    onError: (error) => notify({ tone: "failed", text: t("failedToOpen"), detail: error.message }),
  });
  const [asked, ask] = useState<Asked | null>(null);
  const about = (kind: "move" | "copy" | "delete" | "mode") => (entries: FileEntry[]) => ask({ kind, entries });
  return {
    asked,
    ask,
    files: {
      onRename: (entry) => ask({ kind: "rename", entry }),
      onMove: about("move"),
      onCopy: about("copy"),
      onDelete: about("delete"),
      onMode: about("mode"),
      onExtract: (entry) =>
        isInHidden(entry) ? ask({ kind: "extract", entry }) : extract({ cluster, path: entry.path, confirm: false }),
      onTerminal: (folder) => terminal.mutate({ cluster, folder }),
      onLaunch: (path) => ask({ kind: "launch", path }),
    },
  };
}

type Props = { cluster: string; folder: string; wishes: FolderWishes };

export function FolderDialogs({ cluster, folder, wishes: { asked, ask } }: Props) {
  const close = () => ask(null);
  const of = (kind: "delete" | "mode") => (asked?.kind === kind && "entries" in asked ? asked.entries : null);
  return (
    <>
      <NameDialog cluster={cluster} wish={asked?.kind === "rename" ? asked : null} onClose={close} />
      <MoveDialog
        cluster={cluster}
        wish={asked?.kind === "move" || asked?.kind === "copy" ? { ...asked, folder } : null}
        onClose={close}
      />
      <DeleteDialog cluster={cluster} entries={of("delete")} onClose={close} />
      <ModeDialog cluster={cluster} entries={of("mode")} onClose={close} />
      <ExtractDialog cluster={cluster} entry={asked?.kind === "extract" ? asked.entry : null} onClose={close} />
      <LaunchHereDialog cluster={cluster} folder={asked?.kind === "launch" ? asked.path : null} onClose={close} />
    </>
  );
}

function ExtractDialog({ cluster, entry, onClose }: { cluster: string; entry: FileEntry | null; onClose: () => void }) {
  const t = useTranslations("files");
  const extract = useExtract();
  return (
    <Dialog
      open={entry !== null}
      onClose={onClose}
      title={t("extract.title", { name: entry?.name ?? "" })}
      description={t("move.hidden")}
    >
      <DialogActions>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button
          look="primary"
          onClick={() => {
            onClose();
            if (entry) extract({ cluster, path: entry.path, confirm: true });
          }}
        >
          {t("extract.confirm")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
