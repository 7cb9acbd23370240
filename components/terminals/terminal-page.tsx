"use client";
// All terminals as tabs, and the chosen one below. Without an id in the address: the newest, or how to begin.
import { useQuery } from "@tanstack/react-query";
import { Plus, SquareTerminal } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Failed } from "@/components/frame/failed";
import { useTitle } from "@/components/frame/use-title";
import { choose, liveOf } from "@/components/terminals/choose";
import { NewTerminalDialog } from "@/components/terminals/new-terminal";
import { myTerminals } from "@/components/terminals/queries";
import { RenameDialog } from "@/components/terminals/rename-dialog";
import { Tab } from "@/components/terminals/tab";
import { TerminalScreen } from "@/components/terminals/terminal-screen";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Empty } from "@/components/ui/empty";
import { Missing } from "@/components/ui/missing";
import { PageHeader } from "@/components/ui/page-header";
import { SkeletonPage } from "@/components/ui/skeleton";
import { When } from "@/components/ui/when";
import { paths } from "@/lib/paths";
import type { TerminalView } from "@/lib/terminals/schema";

/** `scrollback`: lines above the screen, as the portal keeps them. */
type Props = { id: string | null; scrollback: number };

/** Use of a terminal is told to nobody, and when an idle one ends moves with it. */
const LOOK_AGAIN_MS = 60_000;

export function TerminalPage({ id, scrollback }: Props) {
  const t = useTranslations("terminals");
  const found = useQuery({ ...myTerminals, refetchInterval: LOOK_AGAIN_MS });
  const [isAsking, setAsking] = useState(false);
  const [before, setBefore] = useState<string | null>(null);
  if (found.isPending) return <SkeletonPage label={t("loading")} />;
  if (found.isLoadingError) return <Failed error={found.error} retry={found.refetch} />;
  const live = liveOf(found.data);
  const chosen = choose(found.data, id, before);
  // One that was opened just now is not in the list of a while ago.
  if (id && !chosen && found.isFetching && !found.isFetchedAfterMount) return <SkeletonPage label={t("loading")} />;
  if (chosen && chosen.id !== before) setBefore(chosen.id);
  const start = (
    <Button look="primary" onClick={() => setAsking(true)}>
      <Plus aria-hidden />
      {t("new")}
    </Button>
  );
  return (
    <>
      {id && !chosen ? <NoSuchTerminal /> : null}
      {!id && !chosen ? <Nothing action={start} /> : null}
      {chosen ? <Chosen {...{ live, chosen, scrollback }} onNew={() => setAsking(true)} /> : null}
      {chosen ? null : <EndedLately all={found.data} />}
      <NewTerminalDialog open={isAsking} onClose={() => setAsking(false)} />
    </>
  );
}

/** A phone's keyboard covers the page without making it smaller: the row of keys must stay above it. */
function keepVisible(element: HTMLElement | null) {
  const seen = window.visualViewport;
  if (!element || !seen) return;
  const measure = () => element.style.setProperty("--visible-height", `${Math.round(seen.height * seen.scale)}px`);
  measure();
  seen.addEventListener("resize", measure);
  return () => seen.removeEventListener("resize", measure);
}

type ChosenProps = { live: TerminalView[]; chosen: TerminalView; scrollback: number; onNew: () => void };

function Chosen({ live, chosen, scrollback, onNew }: ChosenProps) {
  const t = useTranslations("terminals");
  useTitle(`${chosen.name} · ${t("title")}`);
  const [isRenaming, setRenaming] = useState(false);
  const rename = () => setRenaming(true);
  const tabs = live.some(({ id }) => id === chosen.id) ? live : [...live, chosen];
  return (
    // As high as what the frame leaves of the window, so that the page itself does not scroll.
    <div
      ref={keepVisible}
      className="-mb-16 flex h-[calc(var(--visible-height,100dvh)-8.5rem)] min-h-56 min-w-0 flex-col gap-2 max-md:-mx-2 max-md:h-[calc(var(--visible-height,100dvh)-9.5rem)]"
    >
      <h1 className="sr-only">{chosen.name}</h1>
      <nav aria-label={t("tabs")} className="flex items-center gap-1">
        <div className="flex min-w-0 items-center gap-1 overflow-x-auto">
          {tabs.map((terminal) => (
            <Tab key={terminal.id} terminal={terminal} isChosen={terminal.id === chosen.id} onRename={rename} />
          ))}
        </div>
        <Button look="quiet" size="icon" aria-label={t("new")} title={t("new")} onClick={onNew}>
          <Plus aria-hidden />
        </Button>
      </nav>
      <TerminalScreen key={chosen.id} terminal={chosen} scrollback={scrollback} onRename={rename} />
      <RenameDialog terminal={chosen} open={isRenaming} onClose={() => setRenaming(false)} />
    </div>
  );
}

function Nothing({ action }: { action: React.ReactNode }) {
  const t = useTranslations("terminals");
  return (
    <>
      <PageHeader title={t("title")} />
      <div className="card">
        <Empty icon={SquareTerminal} title={t("empty.title")} text={t("empty.text")} action={action} />
      </div>
    </>
  );
}

function EndedLately({ all }: { all: TerminalView[] }) {
  const t = useTranslations("terminals");
  const ended = all.filter(({ state }) => state === "ended");
  if (ended.length === 0) return null;
  return (
    <Card title={t("ended")} flush>
      <ul className="divide-y divide-line">
        {ended.map((terminal) => (
          <li key={terminal.id} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2 sm:px-5">
            <span className="font-semibold">{terminal.name}</span>
            <span className="text-ink2">{terminal.endDetail}</span>
            <span className="ml-auto text-sm text-ink3">
              {terminal.endedAt ? <When at={terminal.endedAt} /> : null}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function NoSuchTerminal() {
  const t = useTranslations("terminals");
  return (
    <Missing
      title={t("missing.title")}
      text={t("missing.text")}
      action={<ButtonLink href={paths.terminals()}>{t("missing.action")}</ButtonLink>}
    />
  );
}
