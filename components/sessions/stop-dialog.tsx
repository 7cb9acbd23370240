"use client";
// Stopping needs a second thought: what is not saved is gone.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { ask } from "@/components/api";
import { notify } from "@/components/frame/notify";
import { sessionName } from "@/components/sessions/describe";
import { sessionKeys } from "@/components/sessions/queries";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { api } from "@/lib/paths";
import { can } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

type Props = { session: SessionView; open: boolean; onClose: () => void };

export function StopDialog({ session, open, onClose }: Props) {
  const t = useTranslations("sessions");
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => ask<"stopSession">(api.stop(session.id), { method: "POST" }),
    onSuccess: (stopped) => {
      // At once, without waiting for the event: the button must not be there to be pressed again.
      client.setQueryData(sessionKeys.one(session.id), stopped);
      void client.invalidateQueries({ queryKey: sessionKeys.lists });
      void notify({ tone: "plain", text: t("stop.done", { name: sessionName(session) }) });
    },
    onError: (error) => notify({ tone: "failed", text: t("stop.failed"), detail: error.message }),
    onSettled: onClose,
  });
  // A job that has not begun has nothing to lose but its place.
  const running = can(session, "follow-log").allowed;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("stop.title", { name: sessionName(session) })}
      description={stop.isPending ? t("stop.pending") : running ? t("stop.running") : t("stop.waiting")}
    >
      <DialogActions>
        {/* What was asked for is not called back by closing this, nor by Escape: nothing here says so. */}
        <Button onClick={onClose}>{stop.isPending ? t("stop.close") : t("stop.keep")}</Button>
        <Button look="destroy" busy={stop.isPending} onClick={() => stop.mutate()}>
          {t("stop.confirm")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
