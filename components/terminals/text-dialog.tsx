"use client";
// What a terminal printed, as text that a finger can select: the screen itself is drawn, and has no text to touch.
import { useTranslations } from "next-intl";
import { useLayoutEffect, useRef } from "react";
import type { Printed } from "@/components/terminals/clipboard";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog, DialogActions } from "@/components/ui/dialog";

type Props = { printed: Printed | null; onClose: () => void };

export function TextDialog({ printed, onClose }: Props) {
  const t = useTranslations("terminals");
  const box = useRef<HTMLElement>(null);
  // It begins with what could be seen. The dialog's own effect, which shows it, has run before this one.
  useLayoutEffect(() => {
    const element = box.current;
    if (element && printed) element.scrollTop = element.scrollHeight * printed.seenUntil - element.clientHeight;
  }, [printed]);
  return (
    <Dialog
      open={printed !== null}
      onClose={onClose}
      title={t("text.title")}
      description={t("text.text")}
      className="max-w-2xl"
    >
      <section
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
        tabIndex={0}
        aria-label={t("text.title")}
        className="max-h-[55dvh] select-text overflow-auto rounded-md bg-sunk p-3"
      >
        <pre className="whitespace-pre-wrap break-all font-mono text-xs leading-relaxed">
          {printed?.text || t("text.none")}
        </pre>
      </section>
      <DialogActions>
        <Button onClick={onClose}>{t("close")}</Button>
        <CopyButton size="md" text={printed?.text ?? ""} label={t("text.copyAll")} done={t("text.copied")} />
      </DialogActions>
    </Dialog>
  );
}
