"use client";
// Revoking cannot be undone and may stop somebody's nightly script: it is asked once more.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { ask } from "@/components/api";
import { notify } from "@/components/frame/notify";
import { tokenKey } from "@/components/tokens/queries";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import type { TokenView } from "@/lib/auth/schema";
import { api } from "@/lib/paths";

type Props = { token: TokenView; open: boolean; onClose: () => void };

export function RevokeToken({ token, open, onClose }: Props) {
  const t = useTranslations("tokens");
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => ask<"revokeToken">(api.token(token.id), { method: "DELETE" }),
    onSuccess: () => {
      void notify({ tone: "plain", text: t("revoked", { name: token.name }) });
      void client.invalidateQueries({ queryKey: tokenKey });
    },
    onError: (error) => notify({ tone: "failed", text: t("revokeFailed"), detail: error.message }),
    // Also after a failure: the toast says why, and the row is still there to try again from.
    onSettled: onClose,
  });
  return (
    <Dialog open={open} onClose={onClose} title={t("revokeTitle", { name: token.name })} description={t("revokeText")}>
      <DialogActions>
        <Button onClick={onClose}>{t("keep")}</Button>
        <Button look="destroy" busy={revoke.isPending} onClick={() => revoke.mutate()}>
          {t("revoke")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
