"use client";
// One terminal: its screen, what its connection is at, and the small tools around it.
import { ALargeSmall, Pencil, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { useId, useRef, useState } from "react";
import { notify } from "@/components/frame/notify";
import { EndButton } from "@/components/terminals/end-button";
import { useFontSize } from "@/components/terminals/font-size";
import { KeyRow } from "@/components/terminals/key-row";
import { LinkDialog } from "@/components/terminals/link-dialog";
import { SearchBar } from "@/components/terminals/search-bar";
import { TerminalStatus } from "@/components/terminals/terminal-status";
import { useTerminal } from "@/components/terminals/use-terminal";
import { Button } from "@/components/ui/button";
import { useNow } from "@/components/ui/now";
import { clockTime } from "@/components/ui/when";
import { canTerminal } from "@/lib/terminals/rules";
import type { TerminalView } from "@/lib/terminals/schema";

type Props = { terminal: TerminalView; scrollback: number; onRename: () => void };

export function TerminalScreen({ terminal, scrollback, onRename }: Props) {
  const t = useTranslations("terminals");
  const now = useNow();
  const box = useRef<HTMLDivElement>(null);
  const { fontSize, grow, shrink } = useFontSize(box);
  const [isSearching, setSearching] = useState(false);
  const [address, setAddress] = useState<string | null>(null);
  const onLost = () => void notify({ tone: "failed", text: t("lost") });
  const tools = useRef<HTMLDivElement>(null);
  const onLeave = () => tools.current?.querySelector("button")?.focus();
  const foot = useId();
  const options = { fontSize, scrollback, describedBy: foot, onLink: setAddress, onLost, onLeave };
  const handle = useTerminal(box, { id: terminal.id, ...options });
  return (
    <section
      aria-label={t("screen", { name: terminal.name })}
      className="card flex min-h-0 flex-1 flex-col overflow-hidden"
    >
      <div className="flex flex-wrap items-center gap-1 border-line border-b px-2 py-1">
        <TerminalStatus status={handle.status} terminal={terminal} onRetry={handle.retry} />
        <div ref={tools} className="ml-auto flex items-center gap-0.5">
          <Button look="quiet" size="sm" title={t("smaller")} aria-label={t("smaller")} onClick={shrink}>
            <ALargeSmall aria-hidden className="scale-75" />−
          </Button>
          <Button look="quiet" size="sm" title={t("bigger")} aria-label={t("bigger")} onClick={grow}>
            <ALargeSmall aria-hidden />+
          </Button>
          <Button look="quiet" size="sm" aria-pressed={isSearching} onClick={() => setSearching(!isSearching)}>
            <Search aria-hidden />
            <span className="max-sm:sr-only">{t("search")}</span>
          </Button>
          {canTerminal(terminal, "rename").allowed ? (
            <Button look="quiet" size="sm" title={t("rename")} aria-label={t("rename")} onClick={onRename}>
              <Pencil aria-hidden />
            </Button>
          ) : null}
          <EndButton terminal={terminal} />
        </div>
      </div>
      {isSearching ? <SearchBar handle={handle} onClose={() => setSearching(false)} /> : null}
      <div ref={box} className="min-h-0 flex-1 touch-none overflow-hidden bg-panel py-1 pl-2" data-testid="terminal" />
      <KeyRow handle={handle} />
      <p id={foot} className="border-line border-t px-3 py-1.5 text-xs text-ink3 max-sm:truncate max-sm:py-1">
        <span className="max-sm:sr-only">{t("leave")} </span>
        {terminal.heldBy ? <span className="max-sm:hidden">{t(`heldBy.${terminal.heldBy}`)} </span> : null}
        {terminal.idleEndsAt ? t("idle", { time: clockTime(terminal.idleEndsAt, now) }) : null}
      </p>
      <LinkDialog address={address} onClose={() => setAddress(null)} />
    </section>
  );
}
