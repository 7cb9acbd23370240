"use client";
// What the palette can take somebody to: every session, every template, terminals, pages, themes.
import { useQuery } from "@tanstack/react-query";
import { SquareTerminal } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { clusters } from "@/components/clusters/queries";
import { pages } from "@/components/frame/navigation";
import { notify } from "@/components/frame/notify";
import type { Group } from "@/components/frame/rank";
import { setTheme, themes } from "@/components/frame/theme";
import { place, sessionName } from "@/components/sessions/describe";
import { liveSessions, recentSessions } from "@/components/sessions/queries";
import { StateChip } from "@/components/sessions/state-chip";
import { templates } from "@/components/templates/queries";
import { TemplateIcon } from "@/components/templates/template-icon";
import { myTerminals } from "@/components/terminals/queries";
import { useOpenTerminal } from "@/components/terminals/use-open-terminal";
import { Kbd } from "@/components/ui/kbd";
import { When } from "@/components/ui/when";
import { paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

export type Entry = { id: string; text: string; icon: ReactNode; content: ReactNode; choose: () => void };
export type Going = { go: (href: string) => void; onClose: () => void };

const words = (text: string) => <span className="flex-1">{text}</span>;

function useSessions({ go }: Going): Entry[] {
  const live = useQuery(liveSessions).data ?? [];
  const recent = useQuery(recentSessions).data ?? [];
  // Live ones first; the same session is in both lists.
  const all = new Map<string, SessionView>([...live, ...recent].map((session) => [session.id, session]));
  return [...all.values()].map((session) => ({
    id: session.id,
    text: [sessionName(session), session.templateTitle, session.cluster].join(" "),
    icon: <TemplateIcon name={session.template} size="sm" />,
    content: (
      <>
        <span className="min-w-0 flex-1 truncate">
          {sessionName(session)} <span className="text-sm text-ink3 max-sm:hidden">{place(session)}</span>
        </span>
        <StateChip session={session} />
      </>
    ),
    choose: () => go(paths.session(session.id)),
  }));
}

function useTemplates({ go }: Going): Entry[] {
  const t = useTranslations("frame");
  return (useQuery(templates).data ?? []).map(({ name, title }) => ({
    id: `launch ${name}`,
    text: `${t("launchOne", { title })} ${name}`,
    icon: <TemplateIcon name={name} size="sm" />,
    content: words(t("launchOne", { title })),
    choose: () => go(paths.compose(name)),
  }));
}

function useTerminals({ go, onClose }: Going): Entry[] {
  const t = useTranslations("terminals");
  const known = useQuery(clusters).data ?? [];
  const open = (useQuery(myTerminals).data ?? []).filter(({ state }) => state !== "ended");
  const failed = (error: Error) => notify({ tone: "failed", text: t("failedToOpen"), detail: error.message });
  const create = useOpenTerminal({ onError: failed });
  const icon = <SquareTerminal aria-hidden className="mx-1.5 size-4.5 text-ink3" />;
  const fresh = known.map(({ name, title }) => ({
    id: `new terminal ${name}`,
    text: `${t("newOn", { cluster: title })} ${name}`,
    icon,
    content: words(t("newOn", { cluster: title })),
    choose: () => {
      onClose();
      create.mutate({ cluster: name });
    },
  }));
  const held = open.map(({ id, name, lastActivityAt }) => ({
    id,
    text: `${name} ${t("title")}`,
    icon,
    content: (
      <>
        <span className="min-w-0 flex-1 truncate">{name}</span>
        <span className="text-sm text-ink3">
          <When at={lastActivityAt} />
        </span>
      </>
    ),
    choose: () => go(paths.terminal(id)),
  }));
  return [...fresh, ...held];
}

function usePages({ go }: Going): Entry[] {
  const t = useTranslations("frame");
  return pages.map(({ key, href, icon: Icon, letter }) => ({
    id: `page ${key}`,
    text: t(`page.${key}`),
    icon: <Icon aria-hidden className="mx-1.5 size-4.5 text-ink3" />,
    content: (
      <>
        {words(t(`page.${key}`))}
        <Kbd>g {letter}</Kbd>
      </>
    ),
    choose: () => go(href),
  }));
}

function useThemes(): Entry[] {
  const t = useTranslations("frame");
  return themes.map((theme) => {
    const text = t("theme.use", { theme: t(`theme.${theme}`) });
    return {
      id: `theme ${theme}`,
      text,
      icon: null,
      content: <span className="px-1.5">{text}</span>,
      choose: () => setTheme(theme),
    };
  });
}

/** All of them, in the order in which they are shown before anything is typed. */
export function useEntries(going: Going): Group<Entry>[] {
  const t = useTranslations("frame");
  return [
    { key: "sessions", heading: t("page.sessions"), entries: useSessions(going) },
    { key: "launch", heading: t("page.launch"), entries: useTemplates(going) },
    { key: "terminals", heading: t("page.terminals"), entries: useTerminals(going) },
    { key: "pages", heading: t("pages"), entries: usePages(going) },
    { key: "theme", heading: t("theme.label"), entries: useThemes() },
  ];
}
