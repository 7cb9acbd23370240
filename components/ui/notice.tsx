// A message across the page: something is not as usual, and what that means.
import clsx from "clsx";
import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

const tones = {
  info: { icon: Info, box: "border-info/30 bg-info-soft", ink: "text-info" },
  wait: { icon: TriangleAlert, box: "border-wait/35 bg-wait-soft", ink: "text-wait" },
  bad: { icon: CircleAlert, box: "border-bad/35 bg-bad-soft", ink: "text-bad" },
} as const;

type Props = { tone: keyof typeof tones; title?: ReactNode; children?: ReactNode; action?: ReactNode };

export function Notice({ tone, title, children, action }: Props) {
  const { icon: Icon, box, ink } = tones[tone];
  return (
    <div className={clsx("flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg border px-4 py-3", box)}>
      <Icon aria-hidden className={clsx("mt-0.5 size-4.5 shrink-0", ink)} />
      <div className="min-w-0 flex-1 basis-52">
        {title ? <span className={clsx("mr-2 font-semibold", ink)}>{title}</span> : null}
        <span className="text-ink">{children}</span>
      </div>
      {action}
    </div>
  );
}
