"use client";
// Settings: how it looks, how it is used by keyboard, tokens, and who the portal thinks one is.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Failed } from "@/components/frame/failed";
import { pages } from "@/components/frame/navigation";
import { PaletteKey } from "@/components/frame/palette-key";
import { ThemeSegments } from "@/components/frame/theme-segments";
import { singleKeys } from "@/components/frame/use-shortcuts";
import { me } from "@/components/people/queries";
import { aloud, optionIsMeta } from "@/components/terminals/switches";
import { TokenCard } from "@/components/tokens/token-card";
import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { Kbd } from "@/components/ui/kbd";
import type { KeptSwitch } from "@/components/ui/kept-switch";
import { PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { api } from "@/lib/paths";

export function Settings() {
  const t = useTranslations("people");
  return (
    <>
      <PageHeader title={t("settings.title")} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="grid gap-5">
          <TokenCard />
          <KeyboardCard />
        </div>
        <div className="grid gap-5">
          <Card title={t("settings.appearance")}>
            <div className="grid gap-2">
              <ThemeSegments name="settings-theme" />
              <p className="text-sm text-ink3">{t("settings.appearanceHint")}</p>
            </div>
          </Card>
          <PersonCard />
        </div>
      </div>
    </>
  );
}

function KeyboardCard() {
  const t = useTranslations("people");
  const frame = useTranslations("frame");
  return (
    <Card title={t("settings.keyboard")}>
      <div className="grid gap-3">
        <p className="flex items-center justify-between gap-3">
          {t("settings.palette")} <PaletteKey />
        </p>
        <Switch of={singleKeys}>
          {/* Speech input types single letters: those who use it turn these off (WCAG 2.1.4). */}
          <span className="grid gap-2">
            <span>
              {t("settings.singleKeys")} <Kbd>g</Kbd> {t("settings.thenOne")}
            </span>
            <span className="flex flex-wrap gap-x-4 gap-y-1.5 text-ink2 text-sm">
              {pages.map(({ key, letter }) => (
                <span key={key} className="inline-flex items-center gap-1.5">
                  <Kbd>{letter}</Kbd> {frame(`page.${key}`)}
                </span>
              ))}
            </span>
          </span>
        </Switch>
        <p className="flex items-center justify-between gap-3">
          {t("settings.leaveTerminal")} <Kbd>Ctrl Shift .</Kbd>
        </p>
        <Switch of={aloud}>
          <Explained words={t("settings.aloud")} hint={t("settings.fromNextTerminal")} />
        </Switch>
        <Switch of={optionIsMeta}>
          <Explained words={t("settings.optionIsMeta")} hint={t("settings.fromNextTerminal")} />
        </Switch>
      </div>
    </Card>
  );
}

function Explained({ words, hint }: { words: string; hint: string }) {
  return (
    <span className="grid">
      {words} <span className="text-ink3 text-sm">{hint}</span>
    </span>
  );
}

function Switch({ of, children }: { of: KeptSwitch; children: ReactNode }) {
  const on = of.useIsOn();
  return (
    <label className="flex items-center justify-between gap-3">
      {children}
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => of.set(event.target.checked)}
        className="size-4.5 shrink-0"
      />
    </label>
  );
}

function PersonCard() {
  const t = useTranslations("people");
  const { data, isLoadingError, error, refetch } = useQuery(me);
  if (isLoadingError) return <Failed error={error} retry={refetch} />;
  if (!data) return <Skeleton className="h-40 rounded-lg" />;
  return (
    <Card title={t("settings.person")}>
      <Facts
        items={[
          [t("settings.name"), data.name],
          [t("settings.email"), data.email],
          [t("settings.roles"), data.roles.map((role) => t(`role.${role}`)).join(", ")],
          [t("settings.groups"), data.groups.join(", ")],
          [t("settings.support"), data.instance.support],
          [t("settings.version"), data.instance.version],
        ]}
      />
      <a href={api.openapi()} className="link mt-3 inline-block text-sm">
        {t("settings.api")}
      </a>
    </Card>
  );
}
