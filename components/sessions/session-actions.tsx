"use client";
// The one useful action for a session, wherever it is shown.
import { ExternalLink, RotateCcw } from "lucide-react";
import { useTranslations } from "next-intl";
import { launchAgainHref, moreMemoryGiB, refusedConstraint } from "@/components/sessions/launch-again";
import { useOpenSession } from "@/components/sessions/use-open-session";
import { OpenTerminalButton } from "@/components/terminals/open-terminal-button";
import { Button, ButtonLink } from "@/components/ui/button";
import { paths } from "@/lib/paths";
import { can } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";
import { formatGiB } from "@/lib/units";

type Props = { session: SessionView; size?: "md" | "lg"; className?: string };

export function OpenButton({ session, size, className }: Props) {
  const t = useTranslations("sessions");
  const { open, opening } = useOpenSession(session.id);
  const { reason } = can(session, "open");
  return (
    <Button look="primary" size={size} className={className} onClick={open} busy={opening} reason={reason}>
      <ExternalLink aria-hidden />
      {t("open")}
    </Button>
  );
}

/** A shell in the session's own allocation. */
export function EnterButton({ session: { id, cluster, state } }: Props) {
  const t = useTranslations("terminals");
  const { reason } = can({ state }, "enter");
  return <OpenTerminalButton wish={{ cluster, sessionId: id }} label={t("openHere")} reason={reason} />;
}

export function LaunchAgainButton({ session, look, className }: Props & { look?: "primary" }) {
  const t = useTranslations("sessions");
  const memoryGiB = moreMemoryGiB(session);
  const constraint = refusedConstraint(session);
  const words = () => {
    if (memoryGiB) return t("launchWithMemory", { memory: formatGiB(memoryGiB) });
    if (constraint) return t("launchWithoutConstraint");
    return t(session.endReason === "rejected" ? "changeAndLaunch" : "launchAgain");
  };
  return (
    <ButtonLink look={look} href={launchAgainHref(session)} className={className}>
      {look ? <RotateCcw aria-hidden /> : null}
      {words()}
    </ButtonLink>
  );
}

/** Whether there is more to do about it than to look at it. */
export const hasAction = (session: SessionView): boolean =>
  can(session, "open").allowed || can(session, "launch-again").allowed;

/** Open when it is ready, launch again when it has ended, otherwise a look at how it goes. */
export function UsefulAction({ session, className }: Props) {
  const t = useTranslations("sessions");
  if (can(session, "open").allowed) return <OpenButton session={session} className={className} />;
  if (can(session, "launch-again").allowed) return <LaunchAgainButton session={session} className={className} />;
  return (
    <ButtonLink href={paths.session(session.id)} className={className}>
      {t("watch")}
    </ButtonLink>
  );
}
