// Name and value pairs, aligned. Pairs without a value are left out.
import { Fragment, type ReactNode } from "react";

export function Facts({ items }: { items: [name: string, value: ReactNode][] }) {
  const shown = items.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1.5 text-sm">
      {shown.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="text-ink3">{name}</dt>
          <dd className="min-w-0">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
