"use client";
// Comma- or tab-separated values as a table: the beginning of it, which is what one looks at.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { parseCsv } from "@/components/files/csv";
import type { ViewProps } from "@/components/files/file-view";
import { fileText } from "@/components/files/queries";
import { Failed } from "@/components/frame/failed";
import { Skeleton } from "@/components/ui/skeleton";

const mostRows = 1000;
const mostColumns = 100;

export default function TableView({ cluster, path, name }: ViewProps) {
  const t = useTranslations("files.view");
  const found = useQuery(fileText(cluster, path));
  const rows = useMemo(() => parseCsv(found.data?.text ?? "", mostRows + 2), [found.data]);
  if (found.isPending) return <Skeleton className="m-4 h-64" />;
  if (found.isLoadingError) return <Failed error={found.error} retry={found.refetch} />;
  const [head = [], ...body] = rows;
  const isCut = body.length > mostRows || found.data.truncated;
  const cell = "max-w-80 truncate px-3 py-1.5 text-left whitespace-nowrap";
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <section tabIndex={0} aria-label={t("tableOf", { name })} className="max-h-[calc(100dvh-14rem)] overflow-auto">
        <table className="text-sm tabular-nums">
          <thead className="sticky top-0 bg-sunk">
            <tr>
              {head.slice(0, mostColumns).map((value, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns of a file have no other name, and never move.
                <th key={at} scope="col" className={`${cell} font-semibold`}>
                  {value}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {body.slice(0, mostRows).map((row, line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other name, and never move.
              <tr key={line}>
                {row.slice(0, mostColumns).map((value, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above.
                  <td key={at} title={value} className={cell}>
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {isCut ? (
        <p className="border-line border-t px-4 py-2 text-sm text-ink3">
          {t("rows", { rows: Math.min(body.length, mostRows) })}
        </p>
      ) : null}
    </>
  );
}
