"use client";
// Ending a terminal ends what runs in it: asked first.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { ask } from "@/components/api";
import { notify } from "@/components/frame/notify";
import { terminalKey } from "@/components/terminals/queries";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { api } from "@/lib/paths";
import { canTerminal } from "@/lib/terminals/rules";
import type { TerminalView } from "@/lib/terminals/schema";

export function EndButton({ terminal }: { terminal: TerminalView }) {
  const t = useTranslations("terminals");
  const client = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const end = useMutation({
    mutationFn: () => ask<"endTerminal">(api.endTerminal(terminal.id), { method: "POST" }),
    onSuccess: () => client.invalidateQueries({ queryKey: terminalKey }),
    onError: (error) => notify({ tone: "failed", text: t("endTitle", { name: terminal.name }), detail: error.message }),
    onSettled: () => setAsked(false),
  });
  return (
    <>
      <Button look="quiet" size="sm" reason={canTerminal(terminal, "end").reason} onClick={() => setAsked(true)}>
        <X aria-hidden />
        {t("end")}
      </Button>
      <Dialog
        open={isAsked}
        onClose={() => setAsked(false)}
        title={t("endTitle", { name: terminal.name })}
        description={t("endText")}
      >
        <DialogActions>
          <Button onClick={() => setAsked(false)}>{t("keep")}</Button>
          <Button look="destroy" busy={end.isPending} onClick={() => end.mutate()}>
            {t("endConfirm")}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
