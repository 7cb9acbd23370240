"use client";
// Asks before a page with unsaved text is left, by a link or by closing the window.
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";

export function LeaveDialog({ name, isChanged }: { name: string; isChanged: boolean }) {
  const t = useTranslations("files.view");
  const router = useRouter();
  const [to, setTo] = useState<string | null>(null);
  useEffect(() => {
    if (!isChanged) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      const leads = link && !link.download && link.target === "" && link.origin === window.location.origin;
      if (!leads || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      setTo(link.pathname + link.search);
    };
    window.addEventListener("beforeunload", stay);
    // Before the link's own handler, which would go there.
    window.addEventListener("click", onClick, { capture: true });
    return () => {
      window.removeEventListener("beforeunload", stay);
      window.removeEventListener("click", onClick, { capture: true });
    };
  }, [isChanged]);
  return (
    <Dialog
      open={to !== null}
      onClose={() => setTo(null)}
      title={t("leaveTitle")}
      description={t("leaveText", { name })}
    >
      <DialogActions>
        <Button onClick={() => setTo(null)}>{t("stay")}</Button>
        <Button look="destroy" onClick={() => to && router.push(to)}>
          {t("leaveConfirm")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
