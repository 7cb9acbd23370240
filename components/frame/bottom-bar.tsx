"use client";
// The phone's navigation, where a thumb reaches it.
import clsx from "clsx";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { pageOf, pages } from "@/components/frame/navigation";

const inBar = pages.filter(({ onPhone }) => onPhone === "bar");

export function BottomBar() {
  const t = useTranslations("frame");
  const here = pageOf(usePathname());
  return (
    <nav
      aria-label={t("pages")}
      className="fixed inset-x-0 bottom-0 z-20 grid grid-cols-5 border-line border-t bg-panel/95 pb-[max(0.4rem,env(safe-area-inset-bottom))] backdrop-blur md:hidden"
    >
      {inBar.map((page) => {
        const { key, href, icon: Icon } = page;
        // Shape and weight too: colour alone would not do.
        const on = page === here;
        return (
          <Link
            key={key}
            href={href}
            aria-current={on ? "page" : undefined}
            className={clsx(
              "grid h-14 content-center justify-items-center gap-0.5 text-[0.6875rem]",
              on ? "font-semibold text-accent" : "text-ink2",
            )}
          >
            <span className={clsx("grid h-7 w-12 place-items-center rounded-full", on && "bg-accent-soft")}>
              <Icon aria-hidden className="size-5" strokeWidth={on ? 2.1 : 1.8} />
            </span>
            {t(`page.${key}`)}
          </Link>
        );
      })}
    </nav>
  );
}
