// A key, as it is drawn on keyboards.
import type { ReactNode } from "react";

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="rounded border border-line2 bg-bg px-1.5 py-px font-sans text-[0.6875rem] leading-4 text-ink3">
      {children}
    </kbd>
  );
}
