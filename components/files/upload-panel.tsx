"use client";
// The uploads of this tab: how far, how fast, how long, and what each one needs.
import { ArrowUp, CircleAlert, CircleCheck, CirclePause, Clock, Pause, Play, WifiOff, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef, useState, useSyncExternalStore } from "react";
import { FaultText } from "@/components/files/fault-text";
import { type Upload, type UploadState, uploadStore } from "@/components/files/upload-entries";
import { rateOf, sampled, secondsLeft } from "@/components/files/upload-rate";
import { cancelUploads, pauseUploads, replaceExisting, resumeUploads } from "@/components/files/uploads";
import { Button } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import { useNow } from "@/components/ui/now";
import { formatBytes, formatSeconds } from "@/lib/units";

const none: readonly Upload[] = [];
export const useUploads = (): readonly Upload[] =>
  useSyncExternalStore(uploadStore.follow, uploadStore.all, () => none);

/** Those that want something come first; of the many that wait, the first few. */
const order: UploadState[] = ["exists", "failed", "offline", "running", "paused", "waiting", "done"];
const mostShown = 60;

/** Those of `held` stay where they are: a row that moved up under the pointer would be cancelled for another. */
function inOrder(uploads: readonly Upload[], held: readonly Upload["id"][]): Upload[] {
  const isHeld = new Set(held);
  const kept = held.flatMap((id) => uploads.find((upload) => upload.id === id) ?? []);
  const others = uploads.filter(({ id }) => !isHeld.has(id));
  return [...kept, ...others.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))];
}

export function UploadPanel({ uploads }: { uploads: readonly Upload[] }) {
  const t = useTranslations("files.upload");
  const of = (...states: UploadState[]) => uploads.filter(({ state }) => states.includes(state));
  const existing = of("exists").map(({ id }) => id);
  const left = of("running", "waiting", "paused", "offline").length;
  const [held, setHeld] = useState<readonly Upload["id"][]>([]);
  const shown = inOrder(uploads, held).slice(0, mostShown);
  return (
    <section
      aria-label={t("title", { left: 0 })}
      className="grid"
      onPointerEnter={() => setHeld(shown.map(({ id }) => id))}
      onPointerLeave={() => setHeld([])}
    >
      <header className="grid gap-1.5 border-line border-b px-4 pt-3 pb-2.5">
        <div className="flex items-center gap-1">
          <h2 className="min-w-0 flex-1 truncate font-semibold">{t("title", { left })}</h2>
          {of("running", "waiting").length > 0 ? (
            <Button look="quiet" size="sm" onClick={() => pauseUploads()}>
              <Pause aria-hidden />
              {t("pauseAll")}
            </Button>
          ) : null}
          {of("paused", "offline").length > 0 && of("running", "waiting").length === 0 ? (
            <Button look="quiet" size="sm" onClick={() => resumeUploads()}>
              <Play aria-hidden />
              {t("resumeAll")}
            </Button>
          ) : null}
          <Button look="quiet" size="sm" onClick={() => cancelUploads()}>
            <X aria-hidden />
            {t(left > 0 ? "cancelAll" : "clear")}
          </Button>
        </div>
        {left > 0 ? <Total uploads={uploads} /> : null}
      </header>
      {existing.length > 1 ? (
        <div className="flex items-center gap-2 bg-wait-soft px-4 py-2">
          <Button size="sm" onClick={() => cancelUploads(existing)}>
            {t("skipAll")}
          </Button>
          <Button size="sm" look="danger" onClick={() => replaceExisting(existing)}>
            {t("replaceAll")}
          </Button>
        </div>
      ) : null}
      <ul className="max-h-64 divide-y divide-line overflow-y-auto">
        {shown.map((upload) => (
          <UploadRow key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  );
}

function Total({ uploads }: { uploads: readonly Upload[] }) {
  const t = useTranslations("files.upload");
  const now = useNow("second");
  const total = uploads.reduce((sum, { size }) => sum + size, 0);
  const sent = uploads.reduce((sum, upload) => sum + upload.sent, 0);
  const done = uploads.filter(({ state }) => state === "done").length;
  const samples = useRef<{ at: number; sent: number }[]>([]);
  if (samples.current.at(-1)?.at !== now) samples.current = sampled(samples.current, { at: now, sent });
  const isMoving = uploads.some(({ state }) => state === "running");
  const rate = isMoving ? rateOf(samples.current) : null;
  const seconds = secondsLeft(rate, total - sent);
  return (
    <>
      <Meter share={sent / total} label={t("title", { left: 0 })} />
      <p className="flex flex-wrap gap-x-3 text-sm text-ink3">
        <span>{t("progress", { sent: formatBytes(sent), total: formatBytes(total) })}</span>
        {uploads.length > 1 ? <span>{t("doneCount", { done, count: uploads.length })}</span> : null}
        {rate ? <span>{t("speed", { speed: formatBytes(rate) })}</span> : null}
        {seconds === null ? null : <span>{t("left", { time: formatSeconds(seconds) })}</span>}
      </p>
    </>
  );
}

const icons = {
  waiting: [Clock, "text-ink3"],
  running: [ArrowUp, "text-accent"],
  paused: [CirclePause, "text-ink3"],
  offline: [WifiOff, "text-wait"],
  exists: [CircleAlert, "text-wait"],
  failed: [CircleAlert, "text-bad"],
  done: [CircleCheck, "text-ok"],
} as const;

function UploadRow({ upload }: { upload: Upload }) {
  const t = useTranslations("files.upload");
  const { name, size, sent, state, detail, words } = upload;
  const [Icon, tone] = icons[state];
  const share = size === 0 ? 1 : sent / size;
  // The portal answered, so the network is there: the cluster could not, and may be able to later.
  const isRetried = state === "offline" && detail;
  const isFinishing = state === "running" && sent === size && size > 0;
  return (
    <li className="grid gap-1 px-4 py-2">
      <div className="flex min-h-8 items-center gap-2">
        <Icon aria-hidden className={`size-4 shrink-0 ${tone}`} />
        <span dir="auto" title={name} className="min-w-0 flex-1 truncate text-sm font-semibold">
          {name}
        </span>
        <RowButtons upload={upload} />
      </div>
      {state === "running" || state === "paused" ? <Meter share={share} label={name} /> : null}
      <p className="flex flex-wrap justify-between gap-x-3 text-xs text-ink3">
        <span>{t(isFinishing ? "finishing" : isRetried ? "retried" : state)}</span>
        <span>
          {state === "done" || state === "waiting"
            ? formatBytes(size)
            : t("progress", { sent: formatBytes(sent), total: formatBytes(size) })}
        </span>
      </p>
      {detail && (state === "failed" || isRetried) ? (
        <p className={`text-sm ${state === "failed" ? "text-bad" : "text-ink2"}`}>
          <FaultText detail={detail} words={words} />
        </p>
      ) : null}
    </li>
  );
}

function RowButtons({ upload: { id, name, state } }: { upload: Upload }) {
  const t = useTranslations("files.upload");
  const small = { look: "quiet", size: "sm" } as const;
  const goOn = t(state === "paused" ? "resume" : "retry");
  return (
    <>
      {state === "running" ? (
        <Button {...small} aria-label={`${t("pause")} ${name}`} title={t("pause")} onClick={() => pauseUploads([id])}>
          <Pause aria-hidden />
        </Button>
      ) : null}
      {state === "paused" || state === "offline" || state === "failed" ? (
        <Button {...small} aria-label={`${goOn} ${name}`} onClick={() => resumeUploads([id])}>
          <Play aria-hidden />
          {goOn}
        </Button>
      ) : null}
      {state === "exists" ? (
        <>
          <Button size="sm" onClick={() => cancelUploads([id])}>
            {t("skip")}
          </Button>
          <Button size="sm" look="danger" onClick={() => replaceExisting([id])}>
            {t("replace")}
          </Button>
        </>
      ) : (
        <Button {...small} aria-label={t("cancel", { name })} onClick={() => cancelUploads([id])}>
          <X aria-hidden />
        </Button>
      )}
    </>
  );
}
