"use client";
// The left column on a desk. On a phone the bottom bar takes its place.
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { BrandMark } from "@/components/frame/brand";
import { pageOf, pages } from "@/components/frame/navigation";
import { UserMenu } from "@/components/frame/user-menu";
import { liveSessions } from "@/components/sessions/queries";
import { paths } from "@/lib/paths";

export function Sidebar({ title }: { title: string }) {
  const t = useTranslations("frame");
  return (
    <aside className="border-line border-r max-md:hidden">
      <div className="sticky top-0 flex h-dvh flex-col px-2.5 py-3.5">
        <Link
          href={paths.home()}
          className="mb-3 flex items-center gap-2.5 rounded-md px-2.5 py-1 text-[0.95rem] font-bold"
        >
          <BrandMark />
          <span className="truncate">{title}</span>
        </Link>
        <nav aria-label={t("pages")} className="flex flex-1 flex-col gap-0.5">
          {pages.map((page) => (
            <SideLink key={page.key} page={page} last={page.key === "settings"} />
          ))}
        </nav>
        <div className="mt-2 border-line border-t pt-2">
          <UserMenu />
        </div>
      </div>
    </aside>
  );
}

function SideLink({ page, last }: { page: (typeof pages)[number]; last: boolean }) {
  const t = useTranslations("frame");
  const here = pageOf(usePathname()) === page;
  const { icon: Icon, key, href } = page;
  return (
    <Link
      href={href}
      aria-current={here ? "page" : undefined}
      className={clsx(
        "flex h-9 items-center gap-2.5 rounded-md px-2.5 transition-colors",
        here ? "bg-sunk font-semibold text-ink" : "text-ink2 hover:bg-sunk/60 hover:text-ink",
        last && "mt-auto",
      )}
    >
      <Icon aria-hidden className={clsx("size-4.5", here && "text-accent")} strokeWidth={here ? 2.1 : 1.8} />
      {t(`page.${key}`)}
      {key === "sessions" ? <LiveCount /> : null}
    </Link>
  );
}

// How many of mine live, from any page: forgetting one costs others their turn.
function LiveCount() {
  const t = useTranslations("frame");
  const { data } = useQuery(liveSessions);
  if (!data || data.length === 0) return null;
  return (
    <span className="ml-auto rounded-full bg-accent-soft px-2 text-xs font-semibold text-accent">
      <span aria-hidden>{data.length}</span>
      <span className="sr-only">{t("liveCount", { count: data.length })}</span>
    </span>
  );
}
