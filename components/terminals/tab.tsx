"use client";
// One terminal in the row of tabs: its name, and when somebody last used it. A second click on the chosen one renames it.
import clsx from "clsx";
import { SquareTerminal } from "lucide-react";
import Link from "next/link";
import { When } from "@/components/ui/when";
import { paths } from "@/lib/paths";
import type { TerminalView } from "@/lib/terminals/schema";

type Props = { terminal: TerminalView; isChosen: boolean; onRename: () => void };

/** The row is another one on each terminal's page, and begins at its start. */
const intoView = (element: HTMLElement | null) => element?.scrollIntoView({ block: "nearest", inline: "nearest" });

export function Tab({ terminal, isChosen, onRename }: Props) {
  return (
    <Link
      href={paths.terminal(terminal.id)}
      ref={isChosen ? intoView : undefined}
      aria-current={isChosen ? "page" : undefined}
      onDoubleClick={isChosen ? onRename : undefined}
      className={clsx(
        "flex h-9 max-w-56 shrink-0 items-center gap-2 rounded-md border px-3 text-sm",
        isChosen ? "border-line2 bg-panel font-semibold shadow-card" : "border-transparent text-ink2 hover:bg-sunk",
      )}
    >
      <SquareTerminal aria-hidden className={clsx("size-4 shrink-0", isChosen && "text-accent")} />
      <span className="truncate">{terminal.name}</span>
      {isChosen ? null : (
        <span className="shrink-0 text-ink3 text-xs max-sm:hidden">
          <When at={terminal.lastActivityAt} />
        </span>
      )}
    </Link>
  );
}
