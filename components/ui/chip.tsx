// A state as icon + word + colour; the icon has a shape of its own, so that colour is never alone.
import clsx from "clsx";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export type Tone = "ok" | "wait" | "bad" | "info" | "calm";

const tones: Record<Tone, string> = {
  ok: "bg-ok-soft text-ok",
  wait: "bg-wait-soft text-wait",
  bad: "bg-bad-soft text-bad",
  info: "bg-info-soft text-info",
  calm: "bg-sunk text-ink2",
};

type Props = { tone: Tone; icon: LucideIcon; children: ReactNode; spin?: boolean; className?: string };

export function Chip({ tone, icon: Icon, children, spin = false, className }: Props) {
  return (
    <span
      className={clsx(
        "inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-full py-0.5 pr-2.5 pl-2 text-[0.78rem] font-semibold",
        tones[tone],
        className,
      )}
    >
      <Icon
        aria-hidden
        className={clsx("size-3.5 shrink-0", spin && "motion-safe:animate-spin [animation-duration:2.4s]")}
      />
      {children}
    </span>
  );
}
