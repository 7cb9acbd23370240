"use client";
// The top of one session's page.
import { CircleStop } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { LiveMark } from "@/components/frame/live-mark";
import { place, sessionName } from "@/components/sessions/describe";
import { EnterButton, LaunchAgainButton, OpenButton } from "@/components/sessions/session-actions";
import { StateChip } from "@/components/sessions/state-chip";
import { StopDialog } from "@/components/sessions/stop-dialog";
import { TemplateIcon } from "@/components/templates/template-icon";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { can, isLive } from "@/lib/sessions/rules";
import type { SessionView } from "@/lib/sessions/schema";

/** Name, state, where it runs, and what can be done: while it lives open and stop, afterwards launch again. */
export function SessionHeader({ session, updatedAt }: { session: SessionView; updatedAt: number }) {
  const t = useTranslations("sessions");
  const [stopping, setStopping] = useState(false);
  return (
    <>
      <PageHeader
        icon={<TemplateIcon name={session.template} size="lg" />}
        title={sessionName(session)}
        state={
          // Read out as it changes: whoever waits by ear hears "Ready".
          <span aria-live="polite">
            <StateChip session={session} />
          </span>
        }
        text={
          <span className="flex flex-wrap gap-x-2">
            <span>{session.templateTitle}</span>
            <span aria-hidden>·</span>
            <span>{place(session)}</span>
            {session.jobId ? (
              <>
                <span aria-hidden>·</span>
                <span>{t("job", { id: session.jobId })}</span>
              </>
            ) : null}
            {/* Its own mark keeps it apart. */}
            {isLive(session) ? <LiveMark updatedAt={updatedAt} /> : null}
          </span>
        }
        actions={
          isLive(session) ? (
            <>
              <OpenButton session={session} />
              <EnterButton session={session} />
              <Button look="danger" reason={can(session, "stop").reason} onClick={() => setStopping(true)}>
                <CircleStop aria-hidden />
                {t("stop.action")}
              </Button>
            </>
          ) : (
            <LaunchAgainButton session={session} look="primary" />
          )
        }
      />
      <StopDialog session={session} open={stopping} onClose={() => setStopping(false)} />
    </>
  );
}
