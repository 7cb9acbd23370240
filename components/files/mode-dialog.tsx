"use client";
// Permissions: a table of who may do what, and the number that says the same.
import { useTranslations } from "next-intl";
import { useState } from "react";
import { isFolder } from "@/components/files/arrange";
import {
  changed,
  fromOctal,
  has,
  hasAll,
  modesToSet,
  octalOfAll,
  rights,
  unchanged,
  whos,
  withRight,
} from "@/components/files/mode";
import { isClean, useOperate } from "@/components/files/use-operate";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { FileEntry } from "@/lib/files/schema";

const isOctal = (typed: string): boolean => /^[0-7]{3,4}$/.test(typed);

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
  const [change, setChange] = useState(unchanged);
  const [typed, setTyped] = useState<string | null>(null);
  const [recursive, setRecursive] = useState(false);
  const modes = entries.map((entry) => changed(entry, change));
  const octal = typed ?? octalOfAll(modes);
  const isDiffering = octalOfAll(entries.map((entry) => changed(entry, unchanged))) === "";
  const isBad = typed !== null && !isOctal(typed);
  // All in a folder gets what the folder gets: of things that differ only a number says what that is.
  const goesInside = entries.some(isFolder) && (!isDiffering || (typed !== null && !isBad));
  const reason = isBad ? t("mode.octalBad") : isDiffering && change === unchanged ? t("mode.choose") : null;
  const submit = async () => {
    if (reason) return;
    onClose();
    const wishes = modesToSet(entries, change);
    let isAllSet = true;
    // One after the other: each has a line of its own when something fails, and the last says that all is done.
    for (const wish of wishes) {
      const words = isAllSet && wish === wishes.at(-1) ? { done: t("mode.done") } : undefined;
      const operation = await operate({ action: "mode", cluster, ...wish, recursive: recursive && goesInside }, words);
      if (operation.state === "cancelled") return;
      isAllSet &&= isClean(operation);
    }
  };
  const onType = (value: string) => {
    setTyped(value);
    setChange(isOctal(value) ? fromOctal(value) : unchanged);
  };
  const onSet = (bit: Bit) => {
    setTyped(null);
    setChange(withRight(change, bit));
  };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {isDiffering ? <Notice tone="info">{t("mode.differ")}</Notice> : null}
      <ModeTable modes={modes} onSet={onSet} />
      <Warnings entries={entries} modes={modes} />
      <Field label={t("mode.octal")} problems={isBad ? [{ message: t("mode.octalBad") }] : []}>
        <Input
          value={octal}
          inputMode="numeric"
          maxLength={4}
          className="max-w-28 font-mono"
          onChange={(event) => onType(event.target.value)}
        />
      </Field>
      {goesInside ? (
        <label className="flex min-h-9 items-center gap-2.5">
          <input
            type="checkbox"
            checked={recursive}
            onChange={(event) => setRecursive(event.target.checked)}
            className="size-4"
          />
          {t("mode.recursive")}
        </label>
      ) : null}
      <DialogActions>
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button look="primary" type="submit" reason={reason}>
          {t("mode.save")}
        </Button>
      </DialogActions>
    </form>
  );
}

function Warnings({ entries, modes }: { entries: FileEntry[]; modes: number[] }) {
  const t = useTranslations("files");
  const isShut = entries.some((entry, at) => isFolder(entry) && !has(modes[at] ?? 0, "owner", "execute"));
  return (
    <>
      {modes.some((mode) => has(mode, "others", "write")) ? <Notice tone="wait">{t("mode.openToAll")}</Notice> : null}
      {isShut ? <Notice tone="wait">{t("mode.shut")}</Notice> : null}
    </>
  );
}

type Bit = Parameters<typeof withRight>[1];

function ModeTable({ modes, onSet }: { modes: number[]; onSet: (bit: Bit) => void }) {
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
                <RightBox
                  label={t("mode.of", { what: t(`mode.${right}`), who: t(`mode.${who}`) })}
                  isOn={hasAll(modes, who, right)}
                  onSet={(isOn) => onSet({ who, right, isOn })}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type BoxProps = { label: string; isOn: boolean | null; onSet: (isOn: boolean) => void };

/** Neither on nor off where things differ. */
function RightBox({ label, isOn, onSet }: BoxProps) {
  return (
    <label className="inline-grid size-10 place-items-center">
      <input
        type="checkbox"
        aria-label={label}
        ref={(box) => {
          if (box) box.indeterminate = isOn === null;
        }}
        checked={isOn === true}
        onChange={() => onSet(isOn !== true)}
        className="size-4"
      />
    </label>
  );
}
