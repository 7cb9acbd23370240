"use client";
// Keys that a phone's keyboard does not have. A touch leaves the focus in the terminal, so that the keyboard stays up.
import clsx from "clsx";
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, ClipboardPaste, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { notify } from "@/components/frame/notify";
import { type Printed, pasteInto, printedLast } from "@/components/terminals/clipboard";
import { TextDialog } from "@/components/terminals/text-dialog";
import type { TerminalHandle } from "@/components/terminals/use-terminal";

const encoder = new TextEncoder();

type Key = { name: string; sends: string; shown: ReactNode };

export function KeyRow({ handle }: { handle: TerminalHandle }) {
  const t = useTranslations("terminals");
  const arrow = "size-4";
  const keys: Key[] = [
    { name: t("key.esc"), sends: "\x1b", shown: t("key.esc") },
    { name: t("key.tab"), sends: "\t", shown: t("key.tab") },
    { name: "|", sends: "|", shown: "|" },
    { name: "/", sends: "/", shown: "/" },
    { name: "-", sends: "-", shown: "-" },
    { name: "~", sends: "~", shown: "~" },
    { name: t("key.up"), sends: "A", shown: <ArrowUp aria-hidden className={arrow} /> },
    { name: t("key.down"), sends: "B", shown: <ArrowDown aria-hidden className={arrow} /> },
    { name: t("key.left"), sends: "D", shown: <ArrowLeft aria-hidden className={arrow} /> },
    { name: t("key.right"), sends: "C", shown: <ArrowRight aria-hidden className={arrow} /> },
  ];
  const press = ({ sends }: Key) => {
    // Cursor keys say what the program asked for: DECCKM of xterm's control sequences.
    const isArrow = /^[A-D]$/.test(sends);
    const prefix = handle.screen.current?.terminal.modes.applicationCursorKeysMode ? "\x1bO" : "\x1b[";
    handle.type(encoder.encode(isArrow ? prefix + sends : sends));
  };
  const [printed, setPrinted] = useState<Printed | null>(null);
  const onCopy = () => {
    const terminal = handle.screen.current?.terminal;
    if (terminal) setPrinted(printedLast(terminal));
  };
  const onPaste = async () => {
    const terminal = handle.screen.current?.terminal;
    if (terminal && !(await pasteInto(terminal))) void notify({ tone: "failed", text: t("pasteRefused") });
  };
  return (
    <div
      role="toolbar"
      aria-label={t("keys")}
      className="flex gap-1 overflow-x-auto border-line border-t bg-panel p-1.5 pointer-fine:hidden"
    >
      <KeyButton pressed={handle.isCtrlHeld} name={t("key.ctrl")} onPress={() => handle.holdCtrl(!handle.isCtrlHeld)}>
        {t("key.ctrl")}
      </KeyButton>
      {keys.map((key) => (
        <KeyButton key={key.name} name={key.name} onPress={() => press(key)}>
          {key.shown}
        </KeyButton>
      ))}
      <KeyButton name={t("key.copy")} onPress={onCopy}>
        <Copy aria-hidden className={arrow} />
      </KeyButton>
      <KeyButton name={t("key.paste")} onPress={() => void onPaste()}>
        <ClipboardPaste aria-hidden className={arrow} />
      </KeyButton>
      <TextDialog printed={printed} onClose={() => setPrinted(null)} />
    </div>
  );
}

type ButtonProps = { name: string; pressed?: boolean; onPress: () => void; children: ReactNode };

function KeyButton({ name, pressed, onPress, children }: ButtonProps) {
  return (
    <button
      type="button"
      aria-label={name}
      aria-pressed={pressed}
      // Before the focus would move.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onPress}
      className={clsx(
        "grid h-10 min-w-10 shrink-0 place-items-center rounded-md border px-2 font-mono text-sm",
        pressed ? "border-accent bg-accent-soft text-accent" : "border-line2 bg-panel",
      )}
    >
      {children}
    </button>
  );
}
