// Buttons and links that look like buttons. A button that cannot be pressed says why through `reason`.
import clsx from "clsx";
import Link from "next/link";
import { type ComponentProps, type ReactNode, useId } from "react";

const looks = {
  primary: "border-transparent bg-accent text-accent-ink hover:bg-accent-strong",
  plain: "border-line2 bg-panel text-ink shadow-card hover:border-ink3 hover:bg-sunk",
  quiet: "border-transparent text-ink2 hover:bg-sunk hover:text-ink",
  danger: "border-line2 bg-panel text-bad shadow-card hover:border-bad hover:bg-bad-soft",
  destroy: "border-transparent bg-bad text-panel hover:brightness-110",
} as const;

const sizes = {
  md: "h-9 gap-2 px-3.5",
  sm: "h-7 gap-1.5 px-2 text-sm",
  lg: "h-11 gap-2 px-5 text-lg",
  icon: "size-9 shrink-0",
} as const;

export type ButtonLook = { look?: keyof typeof looks; size?: keyof typeof sizes };

/** The classes alone, for elements that are neither <button> nor <Link>. */
export function buttonClass({ look = "plain", size = "md" }: ButtonLook, more?: string): string {
  return clsx(
    "inline-flex items-center justify-center whitespace-nowrap rounded-md border font-[550] transition-colors select-none",
    "disabled:opacity-55 aria-disabled:opacity-55 aria-disabled:hover:brightness-100 [&_svg]:size-4 [&_svg]:shrink-0",
    looks[look],
    sizes[size],
    more,
  );
}

type Props = ComponentProps<"button"> & ButtonLook & { busy?: boolean; reason?: string | null; children: ReactNode };

/** `busy` keeps focus and ignores clicks; `reason` disables, stays focusable and is read out. */
export function Button({ look, size, busy = false, reason, className, onClick, children, ...rest }: Props) {
  const reasonId = useId();
  const off = busy || Boolean(reason);
  return (
    <>
      <button
        type="button"
        {...rest}
        className={buttonClass({ look, size }, className)}
        aria-disabled={off || undefined}
        aria-busy={busy || undefined}
        aria-describedby={reason ? reasonId : rest["aria-describedby"]}
        title={reason ?? rest.title}
        onClick={(event) => (off ? event.preventDefault() : onClick?.(event))}
      >
        {children}
      </button>
      {reason ? (
        <span id={reasonId} className="sr-only">
          {reason}
        </span>
      ) : null}
    </>
  );
}

export function ButtonLink({ look, size, className, ...rest }: ComponentProps<typeof Link> & ButtonLook) {
  return <Link {...rest} className={buttonClass({ look, size }, className)} />;
}
