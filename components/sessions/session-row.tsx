"use client";
// One session in a list: what it is, what it is at, the one useful action. A card's worth on a phone, a line on a desk.
import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { place, sessionName } from "@/components/sessions/describe";
import { hasAction, UsefulAction } from "@/components/sessions/session-actions";
import { SessionProgress } from "@/components/sessions/session-progress";
import { useAmounts } from "@/components/sessions/use-amounts";
import { TemplateIcon } from "@/components/templates/template-icon";
import { When } from "@/components/ui/when";
import { paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

export function SessionRow({ session }: { session: SessionView }) {
  const describe = useAmounts();
  return (
    <li className="group relative grid grid-cols-[2.5rem_minmax(0,1fr)] items-center gap-x-3.5 gap-y-3 px-4 py-4 transition-colors hover:bg-sunk/45 sm:grid-cols-[2.5rem_minmax(0,1.15fr)_minmax(0,1.2fr)_11.5rem] sm:px-5">
      <TemplateIcon name={session.template} />
      <div className="min-w-0">
        <Link
          href={paths.session(session.id)}
          className="flex items-center gap-2 font-semibold after:absolute after:inset-0 after:content-['']"
        >
          <span className="truncate">{sessionName(session)}</span>
          <ChevronRight aria-hidden className="ml-auto size-4 shrink-0 text-ink3 sm:hidden" />
        </Link>
        <p className="text-sm text-ink3">
          {session.templateTitle} · {place(session)}
          <span className="block">
            {describe(session.request)}
            {session.endedAt ? (
              <>
                {" · "}
                <When at={session.endedAt} />
              </>
            ) : null}
          </span>
        </p>
      </div>
      <div className="max-sm:col-span-2">
        <SessionProgress session={session} />
      </div>
      {/* Above the row's own link, which covers everything else; where it would only lead to the same page, a phone goes without. */}
      <div className={clsx("relative max-sm:col-span-2 sm:justify-self-end", !hasAction(session) && "max-sm:hidden")}>
        <UsefulAction session={session} className="w-full sm:min-w-24" />
      </div>
    </li>
  );
}
