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
import type { FileEntry } from "@/lib/files/schema";

type Asked =
  | { kind: "rename"; entry: FileEntry }
  | { kind: "move" | "copy"; entries: FileEntry[] }
  | { kind: "delete" | "mode"; entries: FileEntry[] }
  | { kind: "launch"; path: string };

export type FolderWishes = { asked: Asked | null; ask: (asked: Asked | null) => void; files: FileWishes };

export function useFolderWishes(cluster: string): FolderWishes {
  const t = useTranslations("terminals");
  const words = useTranslations("files");
  const operate = useOperate();
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
      onExtract: ({ path }) => void operate({ action: "extract", cluster, path }, { done: words("operation.done") }),
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
      <LaunchHereDialog cluster={cluster} folder={asked?.kind === "launch" ? asked.path : null} onClose={close} />
    </>
  );
}
