"use client";
// A text to read and to change. Saving replaces only the state that was opened: what somebody else wrote meanwhile is shown first.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileQuestion } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { ask } from "@/components/api";
import { contentHref } from "@/components/files/downloads";
import { FaultText, wordsOf } from "@/components/files/fault-text";
import type { ViewProps } from "@/components/files/file-view";
import { LeaveDialog } from "@/components/files/leave-dialog";
import { fileKeys, fileText, type ReadText } from "@/components/files/queries";
import { bytesOf } from "@/components/files/text-bytes";
import { Failed } from "@/components/frame/failed";
import { notify } from "@/components/frame/notify";
import { Button, buttonClass } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Empty } from "@/components/ui/empty";
import { late } from "@/components/ui/late";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { api } from "@/lib/paths";
import { formatBytes } from "@/lib/units";

const CodeEditor = late({
  load: () => import("@/components/files/code-editor"),
  meanwhile: <Skeleton className="m-4 h-64" />,
});
const shownBytes = 1024 * 1024;

/** `onFollow` shows the end, of a text that is too long to be shown whole. */
type Props = { view: ViewProps; onFollow: () => void };

export function TextView({ view, onFollow }: Props) {
  const t = useTranslations("files.view");
  const found = useQuery(fileText(view.cluster, view.path));
  if (found.isPending) return <Skeleton className="m-4 h-64" />;
  if (found.isLoadingError) return <Failed error={found.error} retry={found.refetch} />;
  if (found.data.encoding === "binary") {
    return (
      <Empty
        icon={FileQuestion}
        title={t("notText")}
        text={t("notTextHint")}
        action={
          <a href={contentHref(view.cluster, view.path)} download className={buttonClass({ look: "primary" })}>
            {t("download")}
          </a>
        }
      />
    );
  }
  // A new state of the file is a new editor: nothing of the old one may be saved over it.
  return <Editor key={found.data.readAs} view={view} opened={found.data} onFollow={onFollow} />;
}

type EditorProps = { view: ViewProps; opened: ReadText };
/** Over what: the state that was opened, whatever is there now, or nothing, because the file is gone. */
type Saving = { text: string; over: "opened" | "newest" | "nothing" };

/** What was sent counts as saved, not what was typed meanwhile. */
function useSave({ view, opened }: EditorProps, onSaved: (text: string) => void) {
  const t = useTranslations("files.view");
  const client = useQueryClient();
  const { cluster, path } = view;
  const put = async (text: string, condition: Record<string, string>) => {
    const body = bytesOf(text, opened);
    if (!body) throw new Error(t("notLatin"));
    return ask<"saveFile">(api.fileContent(), {
      method: "PUT",
      // It was opened by this name, so that is meant.
      query: { cluster, path, confirm: "yes" },
      body,
      headers: condition,
    });
  };
  return useMutation({
    mutationKey: fileKeys.save(cluster, path),
    mutationFn: async ({ text, over }: Saving) => {
      if (over === "opened") return put(text, { "if-match": opened.etag });
      if (over === "nothing") return put(text, { "if-none-match": "*" });
      const now = await ask<"fileText">(api.fileText(), { query: { cluster, path } });
      return put(text, { "if-match": now.etag });
    },
    onSuccess: ({ etag, size }, { text }) => {
      onSaved(text);
      // Other views of it, such as a table, show what was saved. Mixed line ends are one kind now.
      const lineEnds = opened.lineEnds === "mixed" ? "lf" : opened.lineEnds;
      const now = { text, etag, size, lineEnds };
      client.setQueryData<ReadText>(fileKeys.text(cluster, path), (before) => before && { ...before, ...now });
      void notify({ tone: "done", text: t("saved") });
    },
  });
}

const hasCode = (error: Error | null, code: string): boolean =>
  error !== null && "code" in error && error.code === code;

function Editor({ view, opened, onFollow }: EditorProps & Pick<Props, "onFollow">) {
  const t = useTranslations("files.view");
  const client = useQueryClient();
  // As the editor writes line ends; bytesOf() writes the file's.
  const [text, setText] = useState(() => opened.text.replace(/\r\n?/g, "\n"));
  const [saved, setSaved] = useState(text);
  const save = useSave({ view, opened }, setSaved);
  const isChanged = text !== saved;
  const isConflict = hasCode(save.error, "conflict");
  const isGone = hasCode(save.error, "not_found");
  const locked = opened.truncated
    ? t("truncated", { size: formatBytes(shownBytes) })
    : opened.writable
      ? null
      : t("readOnly");
  // The keyboard asks for it at any time, also of what can only be read.
  const onSave = () => {
    // Asked of the client: a key that is held comes again before this is drawn anew.
    const isSaving = client.isMutating({ mutationKey: fileKeys.save(view.cluster, view.path) }) > 0;
    if (!locked && isChanged && !isSaving) save.mutate({ text, over: "opened" });
  };
  const reload = () => {
    save.reset();
    void client.invalidateQueries({ queryKey: fileKeys.text(view.cluster, view.path) });
  };
  return (
    <>
      <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-4 py-1.5 text-sm text-ink2">
        <span role="status">{isChanged ? t("unsaved") : (locked ?? formatBytes(opened.size))}</span>
        {opened.encoding === "latin-1" ? <span>{t("latin1")}</span> : null}
        {opened.lineEnds === "mixed" && !locked ? <span>{t("mixed")}</span> : null}
        {opened.truncated ? (
          <Button size="sm" look="quiet" className="ml-auto" onClick={onFollow}>
            {t("follow")}
          </Button>
        ) : null}
        {locked ? null : (
          <span className="ml-auto flex gap-1.5">
            {isChanged ? (
              <Button size="sm" onClick={() => setText(saved)}>
                {t("discard")}
              </Button>
            ) : null}
            <Button
              size="sm"
              look="primary"
              busy={save.isPending}
              reason={isChanged ? null : t("nothingToSave")}
              onClick={onSave}
            >
              {t("save")}
            </Button>
          </span>
        )}
      </div>
      {save.error && !isConflict ? (
        <Notice
          tone="bad"
          title={t("notSaved")}
          action={
            isGone ? (
              <Button size="sm" onClick={() => save.mutate({ text, over: "nothing" })}>
                {t("saveAnew")}
              </Button>
            ) : null
          }
        >
          <FaultText detail={save.error.message} words={wordsOf(save.error)} />
        </Notice>
      ) : null}
      <div className="h-[calc(100dvh-16rem)] min-h-64">
        <CodeEditor
          name={view.name}
          label={t("text", { name: view.name })}
          text={text}
          readOnly={locked !== null}
          onChange={setText}
          onSave={onSave}
        />
      </div>
      <Conflict
        name={view.name}
        open={isConflict}
        onKeep={() => save.reset()}
        onTheirs={reload}
        onMine={() => save.mutate({ text, over: "newest" })}
      />
      <LeaveDialog name={view.name} isChanged={isChanged} />
    </>
  );
}

type ConflictProps = { name: string; open: boolean; onKeep: () => void; onTheirs: () => void; onMine: () => void };

function Conflict({ name, open, onKeep, onTheirs, onMine }: ConflictProps) {
  const t = useTranslations("files.view");
  return (
    <Dialog open={open} onClose={onKeep} title={t("conflictTitle", { name })} description={t("conflictText")}>
      <DialogActions>
        <Button onClick={onKeep}>{t("conflictKeep")}</Button>
        <Button look="danger" onClick={onTheirs}>
          {t("conflictTheirs")}
        </Button>
        <Button look="destroy" onClick={onMine}>
          {t("conflictMine")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
