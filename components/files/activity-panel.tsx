"use client";
// Uploads and long operations, in a corner that leaves the list usable.
import { useTranslations } from "next-intl";
import { OperationRow, useOperations } from "@/components/files/operation-panel";
import { UploadPanel, useUploads } from "@/components/files/upload-panel";

export function ActivityPanel() {
  const t = useTranslations("files.operation");
  const operations = useOperations();
  const uploads = useUploads();
  if (operations.length === 0 && uploads.length === 0) return null;
  return (
    <section
      aria-label={t("panel")}
      className="fixed right-4 bottom-4 z-20 max-h-[60dvh] w-96 overflow-y-auto rounded-lg border border-line bg-raised shadow-pop max-md:inset-x-2 max-md:bottom-20 max-md:w-auto"
    >
      {uploads.length > 0 ? <UploadPanel uploads={uploads} /> : null}
      <ul className="divide-y divide-line border-line border-t empty:hidden">
        {operations.map((operation) => (
          <OperationRow key={operation.id} operation={operation} />
        ))}
      </ul>
    </section>
  );
}
