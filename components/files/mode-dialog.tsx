"use client";
// Permissions: a table of who may do what, and the number that says the same.
import { useTranslations } from "next-intl";
import { useState } from "react";
import { isFolder } from "@/components/files/arrange";
import { flipped, has, octalOf, rights, whos } from "@/components/files/mode";
import { useOperate } from "@/components/files/use-operate";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { FileEntry } from "@/lib/files/schema";

type Props = { cluster: string; entries: FileEntry[] | null; onClose: () => void };

export function ModeDialog({ cluster, entries, onClose }: Props) {
  const t = useTranslations("files");
  return (
    <Dialog
      open={entries !== null}
      onClose={onClose}
      title={t("mode.title", { count: entries?.length ?? 0, name: entries?.[0]?.name ?? "" })}
    >
      {entries ? <ModeForm {...{ cluster, entries, onClose }} /> : null}
    </Dialog>
  );
}

function ModeForm({ cluster, entries, onClose }: Props & { entries: FileEntry[] }) {
  const t = useTranslations("files");
  const operate = useOperate();
  const [typed, setTyped] = useState(entries[0]?.mode ?? "0644");
  const [recursive, setRecursive] = useState(false);
  const isGood = /^[0-7]{3,4}$/.test(typed);
  const mode = Number.parseInt(isGood ? typed : "0", 8);
  const submit = () => {
    if (!isGood) return;
    onClose();
    const paths = entries.map(({ path }) => path);
    // Three digits leave the set-id bits of folders, of which nobody spoke here.
    const isPlain = typed.startsWith("0") && entries[0]?.mode.startsWith("0");
    const chosen = isPlain ? typed.slice(-3) : typed;
    void operate({ action: "mode", cluster, paths, mode: chosen, recursive }, { done: t("mode.done") });
  };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ModeTable mode={mode} onFlip={(who, right) => setTyped(octalOf(flipped(mode, who, right)))} />
      {has(mode, "others", "write") ? <Notice tone="wait">{t("mode.openToAll")}</Notice> : null}
      <Field label={t("mode.octal")} problems={isGood ? [] : [{ message: t("mode.octalBad") }]}>
        <Input
          value={typed}
          inputMode="numeric"
          maxLength={4}
          className="max-w-28 font-mono"
          onChange={(event) => setTyped(event.target.value)}
        />
      </Field>
      {entries.some(isFolder) ? (
        <label className="flex min-h-9 items-center gap-2.5">
          <input
            type="checkbox"
            checked={recursive}
            onChange={(event) => setRecursive(event.target.checked)}
            className="size-4 accent-accent"
          />
          {t("mode.recursive")}
        </label>
      ) : null}
      <DialogActions>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button look="primary" type="submit">
          {t("mode.save")}
        </Button>
      </DialogActions>
    </form>
  );
}

type TableProps = { mode: number; onFlip: (who: (typeof whos)[number], right: (typeof rights)[number]) => void };

function ModeTable({ mode, onFlip }: TableProps) {
  const t = useTranslations("files");
  return (
    <table className="w-full text-sm">
      <thead>
        <tr className="text-left text-ink3">
          <th scope="col" className="py-1 font-normal">
            {t("mode.who")}
          </th>
          {rights.map((right) => (
            <th key={right} scope="col" className="px-1 text-center font-normal">
              {t(`mode.${right}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line border-line border-t">
        {whos.map((who) => (
          <tr key={who}>
            <th scope="row" className="py-1 text-left font-semibold">
              {t(`mode.${who}`)}
            </th>
            {rights.map((right) => (
              <td key={right} className="text-center">
                <label className="inline-grid size-10 place-items-center">
                  <input
                    type="checkbox"
                    aria-label={t("mode.of", { what: t(`mode.${right}`), who: t(`mode.${who}`) })}
                    checked={has(mode, who, right)}
                    onChange={() => onFlip(who, right)}
                    className="size-4 accent-accent"
                  />
                </label>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
