"use client";
// The command palette: every page, every template, every session, a few actions. Loaded on first use.
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { Search, SquareTerminal } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { clusters } from "@/components/clusters/queries";
import { pages } from "@/components/frame/navigation";
import { notify } from "@/components/frame/notify";
import { setTheme, themes } from "@/components/frame/theme";
import { place, sessionName } from "@/components/sessions/describe";
import { liveSessions, recentSessions } from "@/components/sessions/queries";
import { StateChip } from "@/components/sessions/state-chip";
import { templates } from "@/components/templates/queries";
import { TemplateIcon } from "@/components/templates/template-icon";
import { myTerminals } from "@/components/terminals/queries";
import { useOpenTerminal } from "@/components/terminals/use-open-terminal";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { leave } from "@/components/ui/leaving";
import { When } from "@/components/ui/when";
import { paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

type Props = { open: boolean; onClose: () => void };

export default function Palette({ open, onClose }: Props) {
  const t = useTranslations("frame");
  const router = useRouter();
  const go = (href: string) => () => {
    onClose();
    leave(() => router.push(href));
  };
  return (
    // Fixed near the top: the list grows and shrinks while one types, and the box must not move.
    <Dialog open={open} onClose={onClose} title={t("search")} quietTitle className="mt-[12dvh] max-w-xl">
      {/* Its keys of vi would take Ctrl K, which closes what it opened. */}
      <Command label={t("search")} loop vimBindings={false}>
        <div className="flex items-center gap-3 border-line border-b px-4">
          <Search aria-hidden className="size-4.5 text-ink3" />
          <Command.Input
            autoFocus
            placeholder={t("search")}
            className="h-13 flex-1 bg-transparent text-[16px] outline-none"
          />
          <Kbd>Esc</Kbd>
        </div>
        <Command.List className="max-h-[min(26rem,60dvh)] overflow-y-auto p-2 **:[[cmdk-group-heading]]:px-2.5 **:[[cmdk-group-heading]]:pt-3 **:[[cmdk-group-heading]]:pb-1 **:[[cmdk-group-heading]]:text-xs **:[[cmdk-group-heading]]:font-semibold **:[[cmdk-group-heading]]:text-ink3">
          <Command.Empty className="px-3 py-8 text-center text-ink3">{t("nothingFound")}</Command.Empty>
          <Sessions go={go} />
          <Templates go={go} />
          <Terminals go={go} onClose={onClose} />
          <Command.Group heading={t("pages")}>
            {pages.map(({ key, href, icon: Icon, letter }) => (
              <Item key={key} value={`page ${key}`} keywords={[t(`page.${key}`)]} onSelect={go(href)}>
                <Icon aria-hidden className="mx-1.5 size-4.5 text-ink3" />
                <span className="flex-1">{t(`page.${key}`)}</span>
                <Kbd>g {letter}</Kbd>
              </Item>
            ))}
          </Command.Group>
          <Command.Group heading={t("theme.label")}>
            {themes.map((theme) => (
              <Item key={theme} value={`theme ${theme}`} onSelect={() => setTheme(theme)}>
                <span className="px-1.5">{t("theme.use", { theme: t(`theme.${theme}`) })}</span>
              </Item>
            ))}
          </Command.Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}

type Going = { go: (href: string) => () => void };

function Sessions({ go }: Going) {
  const t = useTranslations("frame");
  const live = useQuery(liveSessions).data ?? [];
  const recent = useQuery(recentSessions).data ?? [];
  // Live ones first; the same session is in both lists.
  const all = new Map<string, SessionView>([...live, ...recent].map((session) => [session.id, session]));
  return (
    <Command.Group heading={t("page.sessions")}>
      {[...all.values()].map((session) => (
        <Item
          key={session.id}
          // Names may be alike; what is matched while typing are the keywords.
          value={session.id}
          keywords={[sessionName(session), session.templateTitle, session.cluster]}
          onSelect={go(paths.session(session.id))}
        >
          <TemplateIcon name={session.template} size="sm" />
          <span className="min-w-0 flex-1 truncate">
            {sessionName(session)} <span className="text-sm text-ink3 max-sm:hidden">{place(session)}</span>
          </span>
          <StateChip session={session} />
        </Item>
      ))}
    </Command.Group>
  );
}

function Templates({ go }: Going) {
  const t = useTranslations("frame");
  const known = useQuery(templates).data ?? [];
  return (
    <Command.Group heading={t("page.launch")}>
      {known.map(({ name, title }) => (
        <Item key={name} value={`launch ${name}`} keywords={[title]} onSelect={go(paths.compose(name))}>
          <TemplateIcon name={name} size="sm" />
          <span>{t("launchOne", { title })}</span>
        </Item>
      ))}
    </Command.Group>
  );
}

function Terminals({ go, onClose }: Going & { onClose: () => void }) {
  const t = useTranslations("frame");
  const words = useTranslations("terminals");
  const known = useQuery(clusters).data ?? [];
  const open = (useQuery(myTerminals).data ?? []).filter(({ state }) => state !== "ended");
  const failed = (error: Error) => notify({ tone: "failed", text: words("failedToOpen"), detail: error.message });
  const create = useOpenTerminal({ onError: failed });
  const start = (cluster: string) => () => {
    onClose();
    create.mutate({ cluster });
  };
  const icon = <SquareTerminal aria-hidden className="mx-1.5 size-4.5 text-ink3" />;
  return (
    <Command.Group heading={t("page.terminals")}>
      {known.map(({ name, title }) => (
        <Item key={name} value={`new terminal ${name}`} keywords={[title]} onSelect={start(name)}>
          {icon}
          <span>{words("newOn", { cluster: title })}</span>
        </Item>
      ))}
      {open.map(({ id, name, lastActivityAt }) => (
        <Item key={id} value={id} keywords={[name, words("title")]} onSelect={go(paths.terminal(id))}>
          {icon}
          <span className="min-w-0 flex-1 truncate">{name}</span>
          <span className="text-sm text-ink3">
            <When at={lastActivityAt} />
          </span>
        </Item>
      ))}
    </Command.Group>
  );
}

type ItemProps = { value: string; keywords?: string[]; onSelect: () => void; children: ReactNode };

function Item({ children, ...rest }: ItemProps) {
  return (
    <Command.Item
      {...rest}
      className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1 data-[selected=true]:bg-accent-soft"
    >
      {children}
    </Command.Item>
  );
}
