"use client";
// A modal on the browser's own <dialog>: focus trap, Escape, inert background and top layer come with it.
import clsx from "clsx";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

type Props = {
  open: boolean;
  onClose: () => void;
  title: string;
  /** The heading is there for screen readers only. */
  quietTitle?: boolean;
  description?: ReactNode;
  /** Only its own buttons end it: Escape or a click beside it would lose what cannot be had again. */
  mustAnswer?: boolean;
  children: ReactNode;
  className?: string;
};

export function Dialog({
  open,
  onClose,
  title,
  quietTitle = false,
  description,
  mustAnswer = false,
  children,
  className,
}: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  // A drag that began inside, such as over a text that is selected, ends as a click on the element around both.
  const beganOutside = useRef(false);
  // With the page's own change, not after it: `open` and the element must agree whenever its events arrive.
  useLayoutEffect(() => {
    const element = box.current;
    if (open && element && !element.open) element.showModal();
    if (!open) element?.close();
  }, [open]);
  // The event comes some time after the end: the dialog may have been opened again, with another question.
  const closed = () => {
    if (!open || box.current?.open) return;
    // Browsers let a second Escape through, whatever the page says of the first.
    if (mustAnswer) box.current?.showModal();
    else onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click on the backdrop is a shortcut for Escape, which the element handles itself.
    <dialog
      ref={box}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-text` : undefined}
      onClose={closed}
      onCancel={(event) => mustAnswer && event.preventDefault()}
      onPointerDown={(event) => {
        beganOutside.current = event.target === box.current;
      }}
      onClick={(event) => !mustAnswer && beganOutside.current && event.target === box.current && onClose()}
      className={clsx(
        "m-auto w-[calc(100%-2rem)] rounded-lg border border-line bg-raised p-0 text-ink shadow-pop",
        "backdrop:bg-[oklch(15%_0.02_240/0.5)] backdrop:backdrop-blur-[2px]",
        className ?? "max-w-md",
      )}
    >
      {/* Its content begins anew each time: no words of the last time, and the first field gets the focus. */}
      {open ? (
        <div className={quietTitle ? undefined : "grid grid-cols-[minmax(0,1fr)] gap-3 p-5"}>
          <h2 id={`${id}-title`} className={quietTitle ? "sr-only" : "text-lg font-semibold"}>
            {title}
          </h2>
          {description ? (
            <div id={`${id}-text`} className="text-ink2">
              {description}
            </div>
          ) : null}
          {children}
        </div>
      ) : null}
    </dialog>
  );
}

/** The row of buttons at a dialog's end; on a phone they fill the width, and stay in reach below what scrolls. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="mt-2 flex flex-wrap justify-end gap-2 max-sm:sticky max-sm:bottom-0 max-sm:-mx-5 max-sm:-mb-5 max-sm:border-line max-sm:border-t max-sm:bg-raised max-sm:px-5 max-sm:py-3 max-sm:*:flex-1">
      {children}
    </div>
  );
}
