"use client";
// Where one is, as links. Names of sessions and templates come from what is already loaded.
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type PageKey, pageOf } from "@/components/frame/navigation";
import { sessionName } from "@/components/sessions/describe";
import { oneSession } from "@/components/sessions/queries";
import { templates } from "@/components/templates/queries";
import { myTerminals } from "@/components/terminals/queries";

export function Crumbs() {
  const t = useTranslations("frame");
  const pathname = usePathname();
  const page = pageOf(pathname);
  if (!page) return <div />;
  // Two levels are all there are; folders have crumbs of their own on their page.
  const rest = page.key === "files" ? "" : pathname.slice(page.href.length + 1);
  return (
    <nav aria-label={t("crumbs")} className="min-w-0">
      <ol className="flex min-w-0 items-center gap-2 text-ink3">
        <li className={rest ? "" : "font-semibold text-ink"}>
          {pathname !== page.href ? (
            <Link href={page.href} className="rounded hover:text-ink">
              {t(`page.${page.key}`)}
            </Link>
          ) : (
            <span aria-current="page">{t(`page.${page.key}`)}</span>
          )}
        </li>
        {rest ? (
          <>
            <li aria-hidden>/</li>
            <li aria-current="page" className="min-w-0 truncate font-semibold text-ink">
              <Leaf page={page.key} name={rest} />
            </li>
          </>
        ) : null}
      </ol>
    </nav>
  );
}

function Leaf({ page, name }: { page: PageKey; name: string }) {
  if (page === "sessions") return <SessionCrumb id={name} />;
  if (page === "terminals") return <TerminalCrumb id={name} />;
  return <TemplateCrumb name={name} />;
}

function TerminalCrumb({ id }: { id: string }) {
  const { data } = useQuery(myTerminals);
  // 32 digits say nothing to anybody.
  return data?.find((terminal) => terminal.id === id)?.name ?? "…";
}

function SessionCrumb({ id }: { id: string }) {
  const { data } = useQuery(oneSession(id));
  // The page asks the same question: this costs nothing, and the id stands there meanwhile.
  return data ? sessionName(data) : id;
}

function TemplateCrumb({ name }: { name: string }) {
  const { data } = useQuery(templates);
  return data?.find((template) => template.name === name)?.title ?? name;
}
