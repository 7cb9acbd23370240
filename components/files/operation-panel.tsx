"use client";
// Operations that take a while or did not wholly succeed: progress, each failure with its reason, and what can be done.
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { FaultText, wordsOf } from "@/components/files/fault-text";
import {
  cancel,
  dismiss,
  type Failure,
  type Operation,
  operationStore,
  untrashable,
} from "@/components/files/operations";
import { useOperate } from "@/components/files/use-operate";
import { Button } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import { useNow } from "@/components/ui/now";
import { displayPath } from "@/lib/files/rules";
import type { FileAction } from "@/lib/files/schema";
import { formatBytes } from "@/lib/units";

const none: readonly Operation[] = [];
/** What is over sooner needs no line of its own. */
const shortMs = 700;
const mostFailures = 20;

/** Creating, renaming and the like answer in their own dialogs. */
const isQuick = ({ action: { action } }: Operation): boolean => ["folder", "file", "rename"].includes(action);

export function useOperations(): readonly Operation[] {
  const now = useNow("second");
  const all = useSyncExternalStore(operationStore.follow, operationStore.all, () => none);
  return all.filter((one) => !isQuick(one) && (one.state !== "running" || now - one.startedAt > shortMs));
}

export function OperationRow({ operation }: { operation: Operation }) {
  const t = useTranslations("files.operation");
  const { id, action, count, state, path, files, bytes, totalBytes, failures, error, done } = operation;
  const isRunning = state === "running";
  const conflicts = isRunning ? [] : failures.filter(({ code }) => code === "conflict" && canReplace(action));
  const others = failures.filter((failure) => !conflicts.includes(failure));
  const share = totalBytes ? bytes / totalBytes : (done.length + failures.length) / Math.max(1, count);
  return (
    <li className="grid gap-1.5 px-4 py-3">
      <div className="flex items-center gap-2">
        {isRunning ? null : failures.length > 0 || state === "broken" ? (
          <CircleAlert aria-hidden className="size-4 shrink-0 text-bad" />
        ) : (
          <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" />
        )}
        <span className="min-w-0 flex-1 truncate font-semibold">{t(action.action, { count })}</span>
        {isRunning ? (
          <Button size="sm" onClick={() => cancel(id)}>
            {t("cancel")}
          </Button>
        ) : (
          <Button look="quiet" size="sm" aria-label={t("dismiss")} onClick={() => dismiss(id)}>
            <X aria-hidden />
          </Button>
        )}
      </div>
      {isRunning ? (
        <>
          <Meter share={share} label={t(action.action, { count })} />
          <p className="flex justify-between gap-3 text-sm text-ink3">
            <span dir="auto" className="min-w-0 truncate">
              {path ? displayPath(path) : ""}
            </span>
            <span className="whitespace-nowrap">
              {files > 0 ? `${t("files", { count: files })} · ` : ""}
              {formatBytes(bytes)}
            </span>
          </p>
        </>
      ) : (
        <p className="text-sm text-ink2">
          {state === "broken" ? (
            <FaultText detail={error?.message ?? t("broken")} words={error && wordsOf(error)} />
          ) : null}
          {state === "cancelled" ? t("cancelled") : null}
          {state === "done" && failures.length === 0 ? t("done") : null}
          {others.length > 0 ? t("failed", { count: others.length }) : null}
        </p>
      )}
      <Failures failures={others} />
      {conflicts.length > 0 ? <Conflicts operation={operation} conflicts={conflicts} /> : null}
      <ForGood operation={operation} />
    </li>
  );
}

function Failures({ failures }: { failures: Failure[] }) {
  const t = useTranslations("files.operation");
  if (failures.length === 0) return null;
  return (
    <ul className="grid max-h-40 gap-1 overflow-y-auto text-sm">
      {failures.slice(0, mostFailures).map(({ path, detail, words }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: of one folder there may be many, and they only ever grow in number.
        <li key={at} className="min-w-0">
          <span dir="auto" className="break-all font-mono text-xs">
            {displayPath(path)}
          </span>
          <span className="block text-bad">
            <FaultText {...{ detail, words }} />
          </span>
        </li>
      ))}
      {failures.length > mostFailures ? <li>{t("more", { count: failures.length - mostFailures })}</li> : null}
    </ul>
  );
}

const canReplace = (action: FileAction): boolean => action.action === "move" || action.action === "copy";

function Conflicts({ operation, conflicts }: { operation: Operation; conflicts: Failure[] }) {
  const t = useTranslations("files.operation");
  const operate = useOperate();
  const { id, action } = operation;
  const replace = () => {
    dismiss(id);
    if (action.action === "move" || action.action === "copy")
      void operate({ ...action, paths: conflicts.map(({ path }) => path), overwrite: true }, { done: t("done") });
  };
  return (
    <div className="grid gap-2 rounded-md bg-wait-soft px-3 py-2 text-sm">
      <p>{t("conflicts", { count: conflicts.length })}</p>
      <ul className="max-h-24 overflow-y-auto">
        {conflicts.slice(0, mostFailures).map(({ path }) => (
          <li key={path} dir="auto" className="truncate font-mono text-xs">
            {displayPath(path)}
          </li>
        ))}
      </ul>
      <div className="flex gap-2">
        <Button size="sm" onClick={() => dismiss(id)}>
          {t("skip")}
        </Button>
        <Button size="sm" look="danger" onClick={replace}>
          {t("replace")}
        </Button>
      </div>
    </div>
  );
}

function ForGood({ operation }: { operation: Operation }) {
  const t = useTranslations("files.operation");
  const operate = useOperate();
  const { id, action } = operation;
  const left = untrashable(operation);
  if (left.length === 0 || action.action !== "delete") return null;
  const destroy = () => {
    dismiss(id);
    const paths = left.map(({ path }) => path);
    void operate({ ...action, paths, permanent: true }, { done: t("done") });
  };
  return (
    <div className="grid gap-2 rounded-md bg-wait-soft px-3 py-2 text-sm">
      <p>{t("untrashable", { count: left.length })}</p>
      <div className="flex gap-2">
        <Button size="sm" onClick={() => dismiss(id)}>
          {t("skip")}
        </Button>
        <Button size="sm" look="danger" onClick={destroy}>
          {t("forGood")}
        </Button>
      </div>
    </div>
  );
}
