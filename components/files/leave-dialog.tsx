"use client";
// Asks before a page with unsaved text is left, whichever way.
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { useLeaveGuard } from "@/components/ui/leaving";

export function LeaveDialog({ name, isChanged }: { name: string; isChanged: boolean }) {
  const t = useTranslations("files.view");
  const [asked, setAsked] = useState<{ go: () => void } | null>(null);
  useLeaveGuard(isChanged, (go) => setAsked({ go }));
  const stay = () => setAsked(null);
  const leave = () => {
    stay();
    asked?.go();
  };
  return (
    <Dialog open={asked !== null} onClose={stay} title={t("leaveTitle")} description={t("leaveText", { name })}>
      <DialogActions>
        <Button onClick={stay}>{t("stay")}</Button>
        <Button look="destroy" onClick={leave}>
          {t("leaveConfirm")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
