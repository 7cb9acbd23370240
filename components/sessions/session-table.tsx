"use client";
// Sessions as a table, for screens that are wide enough to compare them.
import Link from "next/link";
import { useTranslations } from "next-intl";
import { place, sessionName } from "@/components/sessions/describe";
import { UsefulAction } from "@/components/sessions/session-actions";
import { SessionProgress } from "@/components/sessions/session-progress";
import { useAmounts } from "@/components/sessions/use-amounts";
import { TemplateIcon } from "@/components/templates/template-icon";
import { When } from "@/components/ui/when";
import { paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

const columns = ["session", "progress", "asked", "since"] as const;

const widths = { session: "w-[30%]", progress: "w-[26%]", asked: "", since: "w-[12%]" } as const;

/** The dense form of the list, for wide screens. */
export function SessionTable({ sessions }: { sessions: SessionView[] }) {
  const t = useTranslations("sessions");
  return (
    <table className="w-full table-fixed text-left">
      <thead className="border-line border-b bg-sunk/50 text-xs text-ink3">
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" className={`${widths[column]} px-3 py-2 font-semibold first:pl-5`}>
              {t(`column.${column}`)}
            </th>
          ))}
          <th scope="col" className="w-54 px-3 py-2 pr-5">
            <span className="sr-only">{t("column.action")}</span>
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {sessions.map((session) => (
          <TableRow key={session.id} session={session} />
        ))}
      </tbody>
    </table>
  );
}

function TableRow({ session }: { session: SessionView }) {
  const describe = useAmounts();
  return (
    <tr className="align-middle transition-colors hover:bg-sunk/45">
      <th scope="row" className="py-3 pr-3 pl-5 font-normal">
        <div className="flex items-center gap-3">
          <TemplateIcon name={session.template} />
          <div className="min-w-0">
            <Link href={paths.session(session.id)} className="block truncate font-semibold hover:underline">
              {sessionName(session)}
            </Link>
            <span className="block truncate text-sm text-ink3">
              {session.templateTitle} · {place(session)}
            </span>
          </div>
        </div>
      </th>
      <td className="px-3 py-3">
        <SessionProgress session={session} />
      </td>
      <td className="px-3 py-3 text-sm text-ink2">{describe(session.request)}</td>
      <td className="px-3 py-3 text-sm text-ink2">
        <When at={session.endedAt ?? session.submittedAt} />
      </td>
      <td className="py-3 pr-5 pl-3 text-right">
        <UsefulAction session={session} />
      </td>
    </tr>
  );
}
