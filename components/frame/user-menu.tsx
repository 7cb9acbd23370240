"use client";
// Who is signed in, the theme, and the way out: a panel of the browser's own popover, which Escape and a click outside close.
import { useMutation, useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { ChevronsUpDown, LogOut } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { ask } from "@/components/api";
import { pages } from "@/components/frame/navigation";
import { notify } from "@/components/frame/notify";
import { ThemeSegments } from "@/components/frame/theme-segments";
import { me } from "@/components/people/queries";
import { buttonClass } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import type { Me } from "@/lib/auth/schema";
import { api } from "@/lib/paths";

const behindAccount = pages.filter(({ onPhone }) => onPhone === "account");

// By code points: a name may begin with a letter outside the basic plane.
const initials = (name: string): string =>
  name
    .split(/\s+/)
    .flatMap((part) => [...part].slice(0, 1))
    .slice(0, 2)
    .join("")
    .toUpperCase();

function Avatar({ name }: { name: string }) {
  return (
    <span
      aria-hidden
      className="grid size-8 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-bold text-accent"
    >
      {initials(name)}
    </span>
  );
}

/** `compact`: the avatar alone, for a phone's top bar. */
export function UserMenu({ compact = false }: { compact?: boolean }) {
  const t = useTranslations("frame");
  const panel = useId();
  const { data, isLoadingError } = useQuery(me);
  const signOut = useSignOut();
  // Who one is could not be asked; leaving must be possible all the same.
  if (isLoadingError)
    return (
      <button
        type="button"
        onClick={signOut}
        aria-label={t("signOut")}
        className={buttonClass({ look: "plain" }, compact ? "" : "w-full")}
      >
        <LogOut aria-hidden />
        {compact ? null : t("signOut")}
      </button>
    );
  if (!data) return <Skeleton className={compact ? "size-8 rounded-full" : "mx-2 h-11"} />;
  return (
    <>
      <button
        type="button"
        popoverTarget={panel}
        aria-label={compact ? t("account", { name: data.name }) : undefined}
        className={clsx(
          "flex items-center gap-2 rounded-md text-left",
          !compact && "w-full px-2 py-1.5 hover:bg-sunk/60",
        )}
      >
        <Avatar name={data.name} />
        {compact ? null : (
          <>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-semibold">{data.name}</span>
              <Standing person={data} />
            </span>
            <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-ink3" />
          </>
        )}
      </button>
      <Panel id={panel} person={data} compact={compact} />
    </>
  );
}

function useSignOut(): () => void {
  const t = useTranslations("frame");
  const { mutate } = useMutation({
    mutationFn: () => ask<"signOut">(api.signOut(), { method: "POST" }),
    // The provider's own sign-out page: without it the next sign-in would go through unasked.
    onSuccess: ({ url }) => window.location.assign(url),
    onError: (error) => notify({ tone: "failed", text: t("signOutFailed"), detail: error.message }),
  });
  return () => mutate();
}

function Standing({ person }: { person: Me }) {
  const t = useTranslations("frame");
  // The most powerful one: roles come in that order.
  const role = person.roles.at(-1) ?? "researcher";
  // Most are researchers, and there is little room: their groups say more.
  const words = [...(role === "researcher" && person.groups.length > 0 ? [] : [t(`role.${role}`)]), ...person.groups];
  return (
    <span className="block truncate text-xs text-ink3" title={words.join(" · ")}>
      {words.join(" · ")}
    </span>
  );
}

/** What the phone's bar has no room for. */
function OtherPages({ onGo }: { onGo: () => void }) {
  const t = useTranslations("frame");
  return (
    <nav aria-label={t("morePages")} className="grid gap-0.5">
      {behindAccount.map(({ key, href, icon: Icon }) => (
        <Link
          key={key}
          href={href}
          onClick={onGo}
          className="flex h-11 items-center gap-2.5 rounded-md px-2.5 hover:bg-sunk"
        >
          <Icon aria-hidden className="size-5 text-ink2" />
          {t(`page.${key}`)}
        </Link>
      ))}
    </nav>
  );
}

function Panel({ id, person, compact }: { id: string; person: Me; compact: boolean }) {
  const t = useTranslations("frame");
  const signOut = useSignOut();
  return (
    <div
      id={id}
      popover="auto"
      className={clsx(
        "fixed inset-auto m-0 w-76 max-w-[calc(100vw-1.5rem)] rounded-lg border border-line bg-raised p-3 text-ink shadow-pop",
        compact ? "top-14 right-3" : "bottom-20 left-3",
      )}
    >
      <div className="grid gap-3">
        <div className="min-w-0 px-1">
          <p className="truncate font-semibold">{person.name}</p>
          <p className="truncate text-sm text-ink3">{person.email}</p>
        </div>
        {compact ? <OtherPages onGo={() => document.getElementById(id)?.hidePopover()} /> : null}
        <ThemeSegments name={`${id}-theme`} />
        <button type="button" onClick={signOut} className={buttonClass({ look: "plain" }, "w-full")}>
          <LogOut aria-hidden />
          {t("signOut")}
        </button>
      </div>
    </div>
  );
}
