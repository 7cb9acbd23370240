"use client";
// A link that a program printed is followed only after a look at where it leads.
import { useTranslations } from "next-intl";
import { Button, buttonClass } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";

type Props = { address: string | null; onClose: () => void };

export function LinkDialog({ address, onClose }: Props) {
  const t = useTranslations("terminals");
  return (
    <Dialog open={address !== null} onClose={onClose} title={t("link.title")} description={t("link.text")}>
      <p className="break-all rounded-md bg-sunk px-3 py-2 font-mono text-sm">{address}</p>
      <DialogActions>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <a
          href={address ?? undefined}
          target="_blank"
          rel="noopener noreferrer"
          onClick={onClose}
          className={buttonClass({ look: "primary" })}
        >
          {t("link.go")}
        </a>
      </DialogActions>
    </Dialog>
  );
}
