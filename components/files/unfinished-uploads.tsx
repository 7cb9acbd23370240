"use client";
// Uploads that an earlier visit began: a browser forgets the file on a reload, so it must be chosen again.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { ask } from "@/components/api";
import { fileKeys, unfinishedUploads } from "@/components/files/queries";
import { differenceOf, modifiedOf, storage } from "@/components/files/upload-identity";
import { useUploads } from "@/components/files/upload-panel";
import { addUploads } from "@/components/files/uploads";
import { notify } from "@/components/frame/notify";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import type { UploadView } from "@/lib/files/schema";
import { api } from "@/lib/paths";
import { formatBytes } from "@/lib/units";

type Props = { cluster: string; folder: string };

/** Those of `folder` that nothing in this tab is at. */
export function UnfinishedUploads({ cluster, folder }: Props) {
  const t = useTranslations("files.upload");
  const here = useUploads();
  const found = useQuery(unfinishedUploads).data ?? [];
  const left = found.filter(
    (upload) =>
      upload.cluster === cluster &&
      (upload.folder === folder || upload.folder.startsWith(`${folder}/`)) &&
      !here.some(({ uploadId }) => uploadId === upload.id),
  );
  if (left.length === 0) return null;
  return (
    <Card flush title={t("unfinished", { count: left.length })} note={t("unfinishedText")}>
      <ul className="divide-y divide-line border-line border-t">
        {left.map((upload) => (
          <Unfinished key={upload.id} upload={upload} />
        ))}
      </ul>
    </Card>
  );
}

function Unfinished({ upload }: { upload: UploadView }) {
  const t = useTranslations("files.upload");
  const client = useQueryClient();
  const chooser = useRef<HTMLInputElement>(null);
  const { id, cluster, name, size } = upload;
  const discard = useMutation({
    mutationFn: () => ask<"endUpload">(api.upload(id), { method: "DELETE", headers: { "tus-resumable": "1.0.0" } }),
    onError: (error) => notify({ tone: "failed", text: t("discard", { name }), detail: error.message }),
    onSettled: () => client.invalidateQueries({ queryKey: fileKeys.uploads }),
  });
  const goOn = (file: File) => {
    const difference = differenceOf(upload, file, modifiedOf(storage(), id));
    if (difference)
      void notify({ tone: "failed", text: t("otherFile", { name }), detail: t(`otherFileText.${difference}`) });
    else addUploads([{ file, folders: [], unfinished: id }], { cluster, folder: upload.folder, overwrite: false });
  };
  return (
    <li className="flex flex-wrap items-center gap-2 px-4 py-2 sm:px-5">
      <span dir="auto" className="min-w-0 flex-1 truncate font-semibold">
        {name}
      </span>
      <span className="text-sm text-ink3">{formatBytes(size)}</span>
      <input
        ref={chooser}
        type="file"
        hidden
        aria-label={t("choose")}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file) goOn(file);
          // The same file again would otherwise be no change.
          event.currentTarget.value = "";
        }}
      />
      <Button size="sm" onClick={() => chooser.current?.click()}>
        <RotateCw aria-hidden />
        {t("choose")}
      </Button>
      <Button
        look="quiet"
        size="sm"
        busy={discard.isPending}
        aria-label={t("discard", { name })}
        onClick={() => discard.mutate()}
      >
        {t("discardShort")}
      </Button>
    </li>
  );
}
