"use client";
// Opens a terminal right here and now: on a cluster, or inside a session that runs.
import { SquareTerminal } from "lucide-react";
import { useTranslations } from "next-intl";
import { notify } from "@/components/frame/notify";
import { useOpenTerminal } from "@/components/terminals/use-open-terminal";
import { Button, type ButtonLook } from "@/components/ui/button";
import type { NewTerminal } from "@/lib/terminals/schema";

type Props = ButtonLook & { wish: NewTerminal; label: string; reason?: string | null };

export function OpenTerminalButton({ wish, label, ...rest }: Props) {
  const t = useTranslations("terminals");
  const open = useOpenTerminal({
    onError: (error) => notify({ tone: "failed", text: t("failedToOpen"), detail: error.message }),
  });
  return (
    <Button {...rest} busy={open.isPending} onClick={() => open.mutate(wish)}>
      <SquareTerminal aria-hidden />
      {label}
    </Button>
  );
}
