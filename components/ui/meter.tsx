// A thin bar: what is filled is gone. The words beside it carry the numbers.
import clsx from "clsx";

const fills = { accent: "bg-accent", wait: "bg-wait", bad: "bg-bad", calm: "bg-ink3" } as const;

type Props = {
  /** 0 to 1; more is drawn as full. */
  share: number;
  /** Read out instead of the bar. Absent: the bar is decoration beside words that say the same. */
  label?: string;
  tone?: keyof typeof fills;
  className?: string;
};

export function Meter({ share, label, tone = "accent", className }: Props) {
  // 0 of 0 is nothing, and more than all is all.
  const percent = Math.round(Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * 100);
  const spoken = label
    ? { role: "meter", "aria-label": label, "aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100 }
    : { "aria-hidden": true };
  return (
    <div {...spoken} className={clsx("h-1.5 overflow-hidden rounded-full bg-line", className)}>
      <div
        data-fill
        className={clsx("h-full rounded-full motion-safe:transition-[width] motion-safe:duration-500", fills[tone])}
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}
