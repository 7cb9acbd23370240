"use client";
// The page's answer to "and now?": why it waits and until when, that it is ready, or why it ended and what to do.
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { Check, Hourglass, LoaderCircle } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { clusters } from "@/components/clusters/queries";
import { clause, plain } from "@/components/sessions/describe";
import { OpenWhenReady } from "@/components/sessions/open-when-ready";
import { faceOf } from "@/components/sessions/state-chip";
import { Facts } from "@/components/ui/facts";
import { Notice } from "@/components/ui/notice";
import { Clock, When } from "@/components/ui/when";
import { can, givesTimeBack, isLive, isSuspended } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

type Props = { session: SessionView };

export function SessionNow({ session }: Props) {
  const t = useTranslations("sessions");
  return (
    <>
      {session.staleSince ? (
        <Notice tone="wait" title={t(session.clusterRemoved ? "stale.removedTitle" : "stale.title")}>
          {t(session.clusterRemoved ? "stale.removedText" : "stale.text", { cluster: session.cluster })}{" "}
          <When at={session.staleSince} />.
        </Notice>
      ) : null}
      <Situation session={session} />
      {isSuspended(session) ? (
        <Notice tone="wait" title={t("suspended.title")}>
          {t(givesTimeBack(session) ? "suspended.text" : "suspended.stopped")}
        </Notice>
      ) : null}
      {session.sharedNodeWarning && isLive(session) ? (
        <Notice tone="wait" title={t("sharedNode.title")}>
          {t("sharedNode.text")}
        </Notice>
      ) : null}
    </>
  );
}

// What `can` says decides, never the state's name: the same rules as the server's.
function Situation({ session }: Props) {
  if (!isLive(session)) return <Ended session={session} />;
  if (can(session, "open").allowed) return <Ready session={session} />;
  return session.queue ? <Waiting session={session} /> : <OnTheWay session={session} />;
}

const tones = {
  ok: "bg-ok-soft text-ok",
  wait: "bg-wait-soft text-wait",
  info: "bg-info-soft text-info",
  bad: "bg-bad-soft text-bad",
  calm: "bg-sunk text-ink2",
} as const;

type PanelProps = {
  tone: keyof typeof tones;
  icon: ReactNode;
  title: ReactNode;
  text?: ReactNode;
  children?: ReactNode;
};

function Panel({ tone, icon, title, text, children }: PanelProps) {
  return (
    <section className="card grid gap-4 p-4 sm:p-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <span className={clsx("grid size-11 shrink-0 place-items-center rounded-full [&_svg]:size-5.5", tones[tone])}>
          {icon}
        </span>
        <div className="min-w-0 flex-1 basis-56">
          <h2 className="text-lg font-semibold">{title}</h2>
          {text ? <p className="text-ink2">{text}</p> : null}
        </div>
      </div>
      {children}
    </section>
  );
}

function Ready({ session }: Props) {
  const t = useTranslations("sessions");
  const cluster = useQuery(clusters).data?.find(({ name }) => name === session.cluster);
  // On one machine people may share an account, and with it what is only its owner's.
  const isOwnersAlone = cluster && cluster.kind !== "local" && !session.sharedNodeWarning;
  return (
    <Panel
      tone="ok"
      icon={<Check aria-hidden />}
      title={t("ready.title", { template: session.templateTitle })}
      text={t(isOwnersAlone ? "ready.text" : "ready.shared", {
        account: session.unixAccount,
        node: session.node ?? session.cluster,
      })}
    />
  );
}

function Waiting({ session }: Props) {
  const t = useTranslations("sessions");
  const { queue } = session;
  if (!queue) return null;
  return (
    // Our sentence on top, the scheduler's own word below: one is to be understood, the other to be looked up.
    <Panel tone="wait" icon={<Hourglass aria-hidden />} title={clause(queue.reason)} text={t("waiting.text")}>
      <div className="grid grid-cols-2 gap-4 border-line border-t pt-4 sm:grid-cols-3">
        <Figure
          name={t("waiting.position")}
          value={queue.position ? t("waiting.nth", { position: queue.position }) : t("unknown")}
        />
        <Figure
          name={t("waiting.start")}
          value={queue.expectedStartAt ? <Clock at={queue.expectedStartAt} /> : t("unknown")}
          note={queue.expectedStartAt ? <When at={queue.expectedStartAt} /> : null}
        />
        <Figure
          className="max-sm:col-span-2"
          name={t("waiting.words")}
          value={queue.words ? <code className="font-mono text-base">{plain(queue.words)}</code> : "–"}
        />
      </div>
      <OpenWhenReady session={session} />
    </Panel>
  );
}

type FigureProps = { name: string; value: ReactNode; note?: ReactNode; className?: string };

function Figure({ name, value, note, className }: FigureProps) {
  return (
    <div className={className}>
      <p className="text-sm text-ink3">{name}</p>
      <p className="text-lg font-semibold">{value}</p>
      {note ? <p className="text-sm text-ink3">{note}</p> : null}
    </div>
  );
}

function OnTheWay({ session }: Props) {
  const t = useTranslations("sessions");
  // Slow, and still for those who ask for less motion: a job may take minutes.
  const spinner = <LoaderCircle aria-hidden className="motion-safe:animate-spin [animation-duration:1.8s]" />;
  return (
    <Panel tone="info" icon={spinner} title={can(session, "open").reason} text={t(`onTheWay.${session.state}`)}>
      {session.stopRequestedAt ? null : <OpenWhenReady session={session} />}
    </Panel>
  );
}

function Ended({ session }: Props) {
  const t = useTranslations("sessions");
  const { endReason, endDetail, endWords, native } = session;
  const { tone, icon: Icon } = faceOf(session);
  // A good end needs no proof; of a bad one, or one that somebody else decided on, support will ask for the exact words.
  const words = tone === "bad" || endReason === "cancelled";
  return (
    <Panel
      tone={tone}
      icon={<Icon aria-hidden />}
      title={endReason ? t(`end.${endReason}`) : t("state.ended")}
      text={endDetail ? plain(endDetail) : null}
    >
      {words && (endWords || native) ? (
        <div className="grid gap-2 rounded-md bg-sunk p-3.5">
          {endWords ? (
            <>
              <p className="text-sm font-semibold text-ink2">{t("schedulerSays")}</p>
              <pre className="whitespace-pre-wrap font-mono text-sm text-ink2">{plain(endWords)}</pre>
            </>
          ) : null}
          {/* What accounting says in one line already names the state and the codes. */}
          {native && !endWords?.includes(native.state) ? (
            <Facts
              items={[
                [t("native.state"), plain(native.state)],
                [t("native.reason"), native.reason === "None" ? null : plain(native.reason)],
                [t("native.exit"), native.exitCode === null ? null : String(native.exitCode)],
                [t("native.signal"), native.signal ? String(native.signal) : null],
              ]}
            />
          ) : null}
        </div>
      ) : null}
    </Panel>
  );
}
