"use client";
// What is asked before an upload begins: whether hidden names are meant, and whether files of the same name are replaced.
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from "react";
import { newQuestion } from "@/components/files/asking";
import type { Candidate } from "@/components/files/upload-entries";
import { addUploads } from "@/components/files/uploads";
import { notify } from "@/components/frame/notify";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { encodeTyped, isHiddenFolder, joinPath, needsConfirmation } from "@/lib/files/rules";
import type { FileEntry } from "@/lib/files/schema";

type Where = { cluster: string; folder: string; root: string; entries: FileEntry[] };

const namesOf = ({ file, folders }: Candidate): string[] => [...folders, file.name];
const isHidden = (candidate: Candidate): boolean =>
  namesOf(candidate).some((name) => needsConfirmation(encodeTyped(name)));

/** Sorts what came, and uploads at once what nothing is to be asked about. */
export function useTakeFiles({ cluster, folder, root, entries }: Where) {
  const t = useTranslations("files.upload");
  const [question] = useState(newQuestion);
  const asking = useSyncExternalStore(question.follow, question.now, () => null);
  const upload = (candidates: Candidate[], overwrite = false) =>
    candidates.length > 0 && addUploads(candidates, { cluster, folder, overwrite });
  const judge = () => {
    const there = new Set(entries.map(({ path }) => path));
    const isThere = ({ file, folders, isFolder }: Candidate) =>
      !isFolder && folders.length === 0 && there.has(joinPath(folder, encodeTyped(file.name)));
    return { isInHidden: isHiddenFolder(folder, root), isHidden, isThere };
  };
  const isHere = useRef(false);
  /** Nobody is there to be asked: what was not uploaded is said. */
  const sayUnasked = () => {
    const { hidden = [], existing = [], fresh = [] } = question.end() ?? {};
    const [first, ...more] = [...hidden, ...existing, ...fresh];
    if (first) void notify({ tone: "failed", text: t("unasked", { name: first.file.name, more: more.length }) });
  };
  const leave = useEffectEvent(sayUnasked);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
      leave();
    };
  }, []);
  const take = (candidates: Candidate[]) => {
    upload(question.take(candidates, judge()));
    // A large folder is read for a while.
    if (!isHere.current) sayUnasked();
  };
  return {
    asking,
    take,
    answerHidden: (isMeant: boolean) => upload(question.answerHidden(isMeant, judge())),
    answerExisting: (isMeant: boolean) => {
      const asked = question.end();
      upload(asked?.fresh ?? []);
      if (isMeant) upload(asked?.existing ?? [], true);
    },
    stop: () => void question.end(),
  };
}

export function TakeFilesDialogs({ taking }: { taking: ReturnType<typeof useTakeFiles> }) {
  const t = useTranslations("files.upload");
  const { asking, stop } = taking;
  const isHidden = asking !== null && asking.hidden.length > 0;
  const isThere = asking !== null && !isHidden;
  const hidden = { count: asking?.hidden.length ?? 0, name: asking?.hidden[0]?.file.name ?? "" };
  const existing = { count: asking?.existing.length ?? 0, name: asking?.existing[0]?.file.name ?? "" };
  return (
    <>
      <Dialog
        open={isHidden}
        onClose={() => isHidden && stop()}
        title={asking?.isInHidden ? t("hidden.folderTitle") : t("hidden.title", hidden)}
        description={t("hidden.text")}
      >
        <DialogActions>
          <Button onClick={() => taking.answerHidden(false)}>{t("hidden.skip", hidden)}</Button>
          <Button look="primary" onClick={() => taking.answerHidden(true)}>
            {t("hidden.upload", hidden)}
          </Button>
        </DialogActions>
      </Dialog>
      <Dialog
        open={isThere}
        onClose={() => isThere && stop()}
        title={t("existing.title", existing)}
        description={t("existing.text")}
      >
        <DialogActions>
          <Button onClick={() => taking.answerExisting(false)}>{t("existing.skip", existing)}</Button>
          <Button look="destroy" onClick={() => taking.answerExisting(true)}>
            {t("existing.replace")}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
