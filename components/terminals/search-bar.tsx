"use client";
// Finds text in what was printed, also above the screen.
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { TerminalHandle } from "@/components/terminals/use-terminal";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";

type Props = { handle: TerminalHandle; onClose: () => void };

export function SearchBar({ handle, onClose }: Props) {
  const t = useTranslations("terminals");
  const [text, setText] = useState("");
  const [isMissing, setMissing] = useState(false);
  const find = (direction: "next" | "previous") => {
    const search = handle.screen.current?.search;
    if (!search || !text) return;
    setMissing(!(direction === "next" ? search.findNext(text) : search.findPrevious(text)));
  };
  const close = () => {
    handle.screen.current?.search.clearDecorations();
    handle.screen.current?.terminal.focus();
    onClose();
  };
  return (
    <search className="flex items-center gap-1 border-line border-b px-2 py-1">
      <Input
        autoFocus
        aria-label={t("searchPlaceholder")}
        placeholder={t("searchPlaceholder")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setMissing(false);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") find(event.shiftKey ? "previous" : "next");
          if (event.key === "Escape") close();
        }}
      />
      <span role="status" className="shrink-0 text-ink2 text-sm">
        {isMissing ? t("notFound") : null}
      </span>
      <Button look="quiet" size="icon" aria-label={t("previous")} onClick={() => find("previous")}>
        <ChevronUp aria-hidden />
      </Button>
      <Button look="quiet" size="icon" aria-label={t("next")} onClick={() => find("next")}>
        <ChevronDown aria-hidden />
      </Button>
      <Button look="quiet" size="icon" aria-label={t("close")} onClick={close}>
        <X aria-hidden />
      </Button>
    </search>
  );
}
