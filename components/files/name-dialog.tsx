"use client";
// Asks for a name: of a new folder, of a new file, or another one for what is there.
import { useTranslations } from "next-intl";
import { useState } from "react";
import { FaultWords } from "@/components/files/fault-text";
import { dismiss, type Operation } from "@/components/files/operations";
import { faultOf, useOperate } from "@/components/files/use-operate";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import {
  encodeTyped,
  isHiddenFolder,
  joinPath,
  nameFault,
  needsConfirmation,
  splitPath,
  typedName,
} from "@/lib/files/rules";
import type { FileAction, FileEntry } from "@/lib/files/schema";

export type NameWish = { kind: "folder" | "file"; folder: string } | { kind: "rename"; entry: FileEntry };

type Props = { cluster: string; wish: NameWish | null; onClose: () => void };

const titles = { folder: "name.newFolder", file: "name.newFile", rename: "name.rename" } as const;

export function NameDialog({ wish, onClose, ...rest }: Props) {
  const t = useTranslations("files");
  const name = wish?.kind === "rename" ? wish.entry.name : "";
  return (
    <Dialog open={wish !== null} onClose={onClose} title={wish ? t(titles[wish.kind], { name }) : ""}>
      {wish ? <NameForm wish={wish} onClose={onClose} {...rest} /> : null}
    </Dialog>
  );
}

/** Whether programs may read on their own what gets this name. */
const isAskedAbout = (wish: NameWish, name: string): boolean =>
  needsConfirmation(name) || isHiddenFolder(wish.kind === "rename" ? splitPath(wish.entry.path).folder : wish.folder);

function actionOf(cluster: string, wish: NameWish, given: { name: string; overwrite: boolean }): FileAction {
  const confirm = isAskedAbout(wish, given.name);
  if (wish.kind === "rename") return { action: "rename", cluster, path: wish.entry.path, ...given, confirm };
  return { action: wish.kind, cluster, path: joinPath(wish.folder, given.name), confirm };
}

function NameForm({ cluster, wish, onClose }: Props & { wish: NameWish }) {
  const t = useTranslations("files");
  const operate = useOperate();
  const { text: before, isWhole } = typedName(wish.kind === "rename" ? splitPath(wish.entry.path).name : "");
  const [typed, setTyped] = useState(before);
  const [failed, setFailed] = useState<Operation | null>(null);
  const [isBusy, setBusy] = useState(false);
  const name = encodeTyped(typed);
  const submit = async (overwrite: boolean) => {
    if (typed === before) return onClose();
    const fault = nameFault(name);
    if (fault) return;
    setBusy(true);
    const operation = await operate(actionOf(cluster, wish, { name, overwrite }));
    setBusy(false);
    dismiss(operation.id);
    if (operation.state !== "done" || operation.failures.length > 0) return setFailed(operation);
    onClose();
  };
  const taken = failed?.failures.some(({ code }) => code === "conflict") && wish.kind === "rename";
  const asksAbout = typed !== "" && typed !== before && isAskedAbout(wish, name);
  const hints = [isWhole ? null : t("name.notWhole"), asksAbout ? t("name.hiddenHint") : null].filter(Boolean);
  const refused = failed && faultOf(failed, t("operation.broken"));
  const fault = refused ? refused.detail : typed === "" || typed === before ? null : nameFault(name);
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(false);
      }}
    >
      <Field label={t("name.label")} problems={fault ? [{ message: fault }] : []} hint={hints.join(" ")}>
        <Input
          value={typed}
          maxLength={255}
          autoFocus
          onFocus={(event) => selectStem(event.currentTarget)}
          onChange={(event) => {
            setTyped(event.target.value);
            setFailed(null);
          }}
        />
      </Field>
      <FaultWords words={refused?.words} />
      <DialogActions>
        <Button onClick={onClose}>{t("cancel")}</Button>
        {taken ? (
          <Button look="danger" busy={isBusy} onClick={() => submit(true)}>
            {t("name.replace")}
          </Button>
        ) : null}
        <Button look="primary" type="submit" busy={isBusy}>
          {t(wish.kind === "rename" ? "name.save" : "name.create")}
        </Button>
      </DialogActions>
    </form>
  );
}

/** The name without its ending: that is what one changes. */
function selectStem(input: HTMLInputElement): void {
  const dot = input.value.lastIndexOf(".");
  input.setSelectionRange(0, dot > 0 ? dot : input.value.length);
}
