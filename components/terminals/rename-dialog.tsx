"use client";
// Another name for a terminal: what its tab says, on every device.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { ask } from "@/components/api";
import { terminalKey } from "@/components/terminals/queries";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { api } from "@/lib/paths";
import type { TerminalView } from "@/lib/terminals/schema";

type Props = { terminal: TerminalView; open: boolean; onClose: () => void };

export function RenameDialog({ terminal, open, onClose }: Props) {
  const t = useTranslations("terminals");
  return (
    <Dialog open={open} onClose={onClose} title={t("renameTitle", { name: terminal.name })}>
      <RenameForm terminal={terminal} onClose={onClose} />
    </Dialog>
  );
}

function RenameForm({ terminal, onClose }: Omit<Props, "open">) {
  const t = useTranslations("terminals");
  const client = useQueryClient();
  const [name, setName] = useState(terminal.name);
  const rename = useMutation({
    mutationFn: () => ask<"renameTerminal">(api.terminalName(terminal.id), { method: "POST", body: { name } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: terminalKey });
      onClose();
    },
  });
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate();
      }}
    >
      <Field label={t("name")} problems={rename.error ? [{ message: rename.error.message }] : []}>
        <Input autoFocus required value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
      </Field>
      <DialogActions>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button look="primary" type="submit" busy={rename.isPending}>
          {t("save")}
        </Button>
      </DialogActions>
    </form>
  );
}
