"use client";
// A labelled form field with its hint, its error and, where there is one, the fix of that error.
import clsx from "clsx";
import { CircleAlert } from "lucide-react";
import { type ComponentProps, createContext, type ReactNode, use, useId } from "react";

export type FieldProblem = { message: string; fix?: { label: string; apply: () => void } | null };

type Ids = { input: string; described: string | undefined; invalid: boolean };
const FieldIds = createContext<Ids | null>(null);

/** Ids and ARIA of the surrounding Field, for whatever control is inside. */
export function useFieldControl() {
  const ids = use(FieldIds);
  return ids ? { id: ids.input, "aria-describedby": ids.described, "aria-invalid": ids.invalid || undefined } : {};
}

/** A control inside a field that is not the one the field's label names. */
export function OutsideField({ children }: { children: ReactNode }) {
  return <FieldIds value={null}>{children}</FieldIds>;
}

type Props = {
  label: ReactNode;
  hint?: ReactNode;
  problems?: FieldProblem[];
  optional?: string;
  children: ReactNode;
  className?: string;
};

export function Field({ label, hint, problems = [], optional, children, className }: Props) {
  const id = useId();
  const invalid = problems.length > 0;
  // The error first: it is what one needs to hear.
  const described = [invalid && `${id}-bad`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  return (
    <div className={clsx("grid min-w-0 content-start gap-1.5", className)}>
      <label htmlFor={id} className="flex items-baseline gap-2 text-sm font-semibold">
        {label}
        {optional ? <span className="font-normal text-ink3">{optional}</span> : null}
      </label>
      <FieldIds value={{ input: id, described, invalid }}>{children}</FieldIds>
      <Problems id={`${id}-bad`} problems={problems} />
      {hint ? (
        <div id={`${id}-hint`} className="text-sm text-ink3">
          {hint}
        </div>
      ) : null}
    </div>
  );
}

/** Errors with their one-click fix. Announced politely as they change, so the region is there while it is empty; a form may lead to them where no field can take the focus. */
export function Problems({ id, problems }: { id?: string; problems: FieldProblem[] }) {
  return (
    <div
      id={id}
      aria-live="polite"
      data-problem={problems.length > 0 ? "" : undefined}
      tabIndex={problems.length > 0 ? -1 : undefined}
      className={problems.length > 0 ? "grid scroll-my-24 gap-1 rounded-md text-sm text-bad" : "sr-only"}
    >
      {problems.map((problem) => (
        <p key={problem.message} className="flex gap-1.5">
          <CircleAlert aria-hidden className="mt-[3px] size-3.5 shrink-0" />
          <span>
            {problem.message}{" "}
            {problem.fix ? (
              <button
                type="button"
                onClick={problem.fix.apply}
                className="font-semibold underline decoration-1 underline-offset-3 hover:decoration-2"
              >
                {problem.fix.label}
              </button>
            ) : null}
          </span>
        </p>
      ))}
    </div>
  );
}

const boxed =
  "h-9 w-full min-w-0 rounded-md border border-line2 bg-panel px-3 text-ink transition-colors hover:border-ink3 aria-invalid:border-bad max-sm:h-11 max-sm:text-[16px]";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return (
    <input autoComplete="off" spellCheck={false} {...useFieldControl()} {...rest} className={clsx(boxed, className)} />
  );
}

/** A number with its unit inside the box. */
export function UnitInput({ unit, className, ...rest }: ComponentProps<"input"> & { unit: string }) {
  return (
    <div className={clsx("relative", className)}>
      <Input inputMode="decimal" {...rest} className="pr-16" />
      <span aria-hidden className="pointer-events-none absolute inset-y-0 right-3 flex items-center text-sm text-ink3">
        {unit}
      </span>
    </div>
  );
}

/** The browser's own select: right on phones and with a keyboard. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <div className={clsx("relative min-w-0", className)}>
      <select {...useFieldControl()} {...rest} className={clsx(boxed, "appearance-none truncate pr-8")}>
        {children}
      </select>
      <svg
        aria-hidden="true"
        viewBox="0 0 16 16"
        className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-ink3"
      >
        <path d="M4.5 6.5 8 10l3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
      </svg>
    </div>
  );
}
