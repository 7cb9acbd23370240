"use client";
// Above every page: where one is, and the search. On a phone also the way home and the account, which a desk has at the left.
import { Search } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { BrandMark } from "@/components/frame/brand";
import { Crumbs } from "@/components/frame/crumbs";
import { PaletteKey } from "@/components/frame/palette-key";
import { UserMenu } from "@/components/frame/user-menu";
import { paths } from "@/lib/paths";

export function TopBar({ onSearch }: { onSearch: () => void }) {
  const t = useTranslations("frame");
  return (
    <header className="sticky top-0 z-10 flex h-13 items-center gap-3 border-line border-b bg-bg/90 px-4 backdrop-blur md:px-6">
      <Link href={paths.home()} aria-label={t("page.home")} className="md:hidden">
        <BrandMark className="size-7" />
      </Link>
      <Crumbs />
      {/* The visible way to the palette: nobody guesses Ctrl K. On a phone the icon alone. */}
      <button
        type="button"
        onClick={onSearch}
        aria-haspopup="dialog"
        className="ml-auto flex h-9 items-center gap-2 rounded-md border border-line bg-panel px-3 text-sm text-ink3 transition-colors hover:border-line2 hover:text-ink2 max-md:size-9 max-md:justify-center max-md:border-transparent max-md:bg-transparent max-md:px-0 md:min-w-60"
      >
        <Search aria-hidden className="size-4 max-md:size-5" />
        <span className="max-md:sr-only">{t("search")}</span>
        <span aria-hidden className="ml-auto max-md:hidden">
          <PaletteKey />
        </span>
      </button>
      <div className="md:hidden">
        <UserMenu compact />
      </div>
    </header>
  );
}
