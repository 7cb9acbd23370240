"use client";
// Cards of which one is chosen: a radio group that shows what each choice means.
import clsx from "clsx";
import type { ReactNode } from "react";

export type Choice = {
  value: string;
  title: ReactNode;
  text?: ReactNode;
  extra?: ReactNode;
  /** Shown instead of `text`; the choice stays selectable only when absent. */
  unavailable?: string | null;
};

type Props = {
  legend: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
  choices: Choice[];
  columns?: string;
  describedBy?: string;
};

/** Which one is chosen is told by colours, of which a contrast theme leaves none. */
const isSeenWithForcedColors = "forced-colors:outline-2 forced-colors:outline-[Highlight]";

export function ChoiceCards({ legend, name, value, onChange, choices, columns, describedBy }: Props) {
  return (
    <fieldset className="grid min-w-0 gap-1.5" aria-describedby={describedBy}>
      <legend className="mb-1.5 text-sm font-semibold">{legend}</legend>
      <div className={clsx("grid gap-2", columns ?? "sm:grid-cols-3")}>
        {choices.map((choice) => (
          <ChoiceCard key={choice.value} {...{ name, choice, onChange }} on={choice.value === value} />
        ))}
      </div>
    </fieldset>
  );
}

type CardProps = { name: string; choice: Choice; on: boolean; onChange: (value: string) => void };

function ChoiceCard({ name, choice, on, onChange }: CardProps) {
  // One that is chosen already stays changeable, even when it may not be used: a link may have chosen it.
  const off = Boolean(choice.unavailable) && !on;
  return (
    <label
      className={clsx(
        "grid min-w-0 content-start gap-0.5 rounded-md border px-3 py-2.5 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
        on && "border-accent bg-accent-soft shadow-[inset_0_0_0_1px_var(--accent)]",
        on && isSeenWithForcedColors,
        !on && !off && "border-line2 bg-panel hover:border-ink3",
        off && "cursor-not-allowed border-line border-dashed",
      )}
    >
      <input
        type="radio"
        name={name}
        value={choice.value}
        checked={on}
        disabled={off}
        onChange={() => onChange(choice.value)}
        className="sr-only"
      />
      <span className={clsx("flex items-center gap-2 font-semibold", off && "text-ink3")}>{choice.title}</span>
      <span className={clsx("text-sm", on ? "text-ink2" : "text-ink3")}>{choice.unavailable ?? choice.text}</span>
      {choice.extra}
    </label>
  );
}

type SegmentsProps = { label: string; name: string; value: string; onChange: (value: string) => void } & {
  options: { value: string; label: ReactNode }[];
};

/** Two to four short choices in one bar. */
export function Segments({ label, name, value, onChange, options }: SegmentsProps) {
  return (
    <fieldset className="flex w-fit max-w-full rounded-md border border-line bg-sunk p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={clsx(
            "flex h-8 items-center justify-center gap-1.5 rounded-sm px-2.5 max-sm:h-10 text-sm font-[550] has-focus-visible:outline-2 has-focus-visible:outline-accent [&_svg]:size-4",
            option.value === value ? "bg-pill text-ink shadow-card" : "text-ink2 hover:text-ink",
            option.value === value && isSeenWithForcedColors,
          )}
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="sr-only"
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
