"use client";
// What can be done with something: a menu where one clicked, on a phone a sheet at the bottom. The browser's own <dialog>
// brings Escape, the focus trap and the click outside.
import clsx from "clsx";
import type { LucideIcon } from "lucide-react";
import Link from "next/link";
import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef } from "react";

export type MenuItem = {
  key: string;
  label: string;
  icon: LucideIcon;
  /** Why it cannot be chosen now. */
  reason?: string | null;
  tone?: "bad";
  /** A line above it. */
  apart?: boolean;
} & ({ run: () => void } | { href: string; download?: boolean });

type Props = {
  title: string;
  /** Above what can be done. */
  facts?: ReactNode;
  items: MenuItem[];
  at: { x: number; y: number } | null;
  onClose: () => void;
};

export function ActionMenu({ title, facts, items, at, onClose }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (!at) return element.close();
    element.showModal();
    const { width, height } = element.getBoundingClientRect();
    element.style.setProperty("--x", `${Math.max(8, Math.min(at.x, window.innerWidth - width - 8))}px`);
    element.style.setProperty("--y", `${Math.max(8, Math.min(at.y, window.innerHeight - height - 8))}px`);
  }, [at]);
  // The event comes some time after the end: the menu may have been opened again, elsewhere.
  const closed = () => box.current?.open || onClose();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it is a shortcut for Escape, which the element handles itself.
    <dialog
      ref={box}
      aria-label={title}
      onClose={closed}
      onClick={(event) => event.target === box.current && onClose()}
      className={clsx(
        "fixed m-0 w-60 overflow-y-auto rounded-lg border border-line bg-raised p-1.5 text-ink shadow-pop backdrop:bg-transparent",
        "md:top-(--y) md:left-(--x) md:max-h-[calc(100dvh-1rem)]",
        "max-md:top-auto max-md:bottom-0 max-md:max-h-[85dvh] max-md:w-full max-md:max-w-none max-md:rounded-b-none max-md:pb-[max(1rem,env(safe-area-inset-bottom))] max-md:backdrop:bg-[oklch(15%_0.02_240/0.5)]",
      )}
    >
      {at ? <Items {...{ title, facts, items, onClose }} /> : null}
    </dialog>
  );
}

function Items({ title, facts, items, onClose }: Omit<Props, "at">) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    // Only compared: whatever has the focus is an item or is not found.
    const here = all.indexOf(document.activeElement as HTMLElement);
    all.at((here + step) % all.length)?.focus();
  };
  return (
    <>
      <p dir="auto" className="truncate px-2.5 pt-2 pb-2.5 font-semibold md:hidden">
        {title}
      </p>
      {facts}
      <div ref={list} role="menu" aria-label={title} onKeyDown={onKeyDown}>
        {items.map((item) => (
          <Item key={item.key} item={item} onClose={onClose} />
        ))}
      </div>
    </>
  );
}

function Item({ item, onClose }: { item: MenuItem; onClose: () => void }) {
  const { icon: Icon, label, reason, tone, apart } = item;
  const look = clsx(
    "flex min-h-9 w-full items-center gap-2.5 rounded-md px-2.5 py-1 text-left max-md:min-h-12",
    reason ? "text-ink3" : "hover:bg-sunk focus-visible:bg-sunk",
    tone === "bad" && !reason && "text-bad",
    apart && "mt-1.5 shadow-[0_-1px_0_var(--line)]",
  );
  const content = (
    <>
      <Icon aria-hidden className="size-4.5 shrink-0" strokeWidth={1.8} />
      <span className="min-w-0">
        {label}
        {reason ? <span className="block text-xs">{reason}</span> : null}
      </span>
    </>
  );
  if (reason || "run" in item) {
    const run = () => {
      if (reason || !("run" in item)) return;
      onClose();
      item.run();
    };
    return (
      <button type="button" role="menuitem" aria-disabled={Boolean(reason)} onClick={run} className={look}>
        {content}
      </button>
    );
  }
  if (item.download) {
    return (
      <a role="menuitem" href={item.href} download onClick={onClose} className={look}>
        {content}
      </a>
    );
  }
  return (
    <Link role="menuitem" href={item.href} prefetch={false} onClick={onClose} className={look}>
      {content}
    </Link>
  );
}
