// What a list shows when there is nothing: why, and the next step.
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

type Props = { icon: LucideIcon; title: string; text?: ReactNode; action?: ReactNode };

export function Empty({ icon: Icon, title, text, action }: Props) {
  return (
    <div className="grid justify-items-center gap-3 px-6 py-12 text-center">
      <div className="dots grid size-20 place-items-center rounded-full">
        <div className="grid size-12 place-items-center rounded-lg border border-line bg-panel text-accent shadow-card">
          <Icon aria-hidden className="size-6" strokeWidth={1.6} />
        </div>
      </div>
      <div className="grid max-w-sm gap-1">
        <p className="font-semibold">{title}</p>
        {text ? <p className="text-ink2">{text}</p> : null}
      </div>
      {action}
    </div>
  );
}
