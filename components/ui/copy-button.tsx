"use client";
// Copies text and says so in place, for a moment.
import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";

// Long enough to be read, short enough to copy twice.
const shownMs = 1800;

type Props = { text: string; label: string; done: string; size?: "sm" | "md" };

export function CopyButton({ text, label, done, size = "sm" }: Props) {
  const t = useTranslations("frame");
  const [copied, setCopied] = useState(false);
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    // A browser may refuse: then the text stays to be selected by hand.
    const isDone = await writeClipboard(text).catch(() => false);
    if (isDone) setCopied(true);
    else setRefused(true);
  };
  return (
    <Button look="quiet" size={size} onClick={copy}>
      {copied ? <Check aria-hidden className="text-ok" /> : <Copy aria-hidden />}
      <span aria-live="polite">{copied ? done : refused ? t("copyRefused") : label}</span>
    </Button>
  );
}

/** navigator.clipboard is there in secure contexts only; a portal tried over plain HTTP has the old way. */
export async function writeClipboard(text: string): Promise<boolean> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true);
  const area = Object.assign(document.createElement("textarea"), { value: text });
  // Below an open dialog everything else is inert: nothing could be selected there.
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  return isDone;
}
