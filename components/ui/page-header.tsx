// The top of a page: what it is, what can be done with it.
import type { ReactNode } from "react";

type Props = { title: ReactNode; text?: ReactNode; icon?: ReactNode; state?: ReactNode; actions?: ReactNode };

export function PageHeader({ title, text, icon, state, actions }: Props) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
      {icon}
      <div className="min-w-0 max-sm:flex-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="wrap-anywhere min-w-0 text-xl font-[640] tracking-[-0.012em]">{title}</h1>
          {state}
        </div>
        {text ? <div className="mt-0.5 text-sm text-ink2">{text}</div> : null}
      </div>
      {actions ? (
        <div className="ml-auto flex flex-wrap gap-2 max-sm:ml-0 max-sm:w-full max-sm:*:flex-1">{actions}</div>
      ) : null}
    </div>
  );
}
