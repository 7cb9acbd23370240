// A panel with a heading. Sections are named by their heading, for people who jump between them.
import clsx from "clsx";
import { type ReactNode, useId } from "react";

type Props = {
  title: ReactNode;
  /** Beside the heading: a count, a state. */
  note?: ReactNode;
  /** At the right end: small buttons or links. */
  actions?: ReactNode;
  children: ReactNode;
  /** Content runs to the edges: lists and tables. */
  flush?: boolean;
  className?: string;
};

export function Card({ title, note, actions, children, flush = false, className }: Props) {
  const headingId = useId();
  return (
    <section aria-labelledby={headingId} className={clsx("card min-w-0", flush && "overflow-hidden", className)}>
      <header className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-3 pb-1 sm:px-5">
        <h2 id={headingId} className="font-semibold">
          {title}
        </h2>
        {note ? <div className="text-sm text-ink3">{note}</div> : null}
        {actions ? <div className="-mr-1.5 ml-auto flex items-center gap-1">{actions}</div> : null}
      </header>
      <div className={flush ? undefined : "px-4 pt-1 pb-4 sm:px-5 sm:pb-5"}>{children}</div>
    </section>
  );
}
