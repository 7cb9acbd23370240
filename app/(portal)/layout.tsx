// The frame around every portal page, with what it shows of the person. Each page asks for a login itself, and the API checks
// each request again.
import type { ReactNode } from "react";
import { FirstAnswers } from "@/components/frame/first-answers";
import { Frame } from "@/components/frame/frame";
import { me } from "@/components/people/queries";
import {
  endedFilter,
  endedSessions,
  liveFilter,
  liveSessions,
  recentFilter,
  recentSessions,
} from "@/components/sessions/queries";
import { describePerson } from "@/lib/auth/describe-person";
import { requireLogin } from "@/lib/auth/require-login";
import { config } from "@/lib/config";
import { endpoints } from "@/lib/endpoints";
import { eventsSeen, firstAnswers } from "@/lib/http/first-answers";
import { listSessions } from "@/lib/sessions/list-sessions";

export default async function PortalLayout({ children }: { children: ReactNode }) {
  const actor = await requireLogin();
  const first = await firstAnswers(actor, [
    { key: me.queryKey, endpoint: endpoints.me, verb: describePerson },
    { key: liveSessions.queryKey, endpoint: endpoints.sessions, verb: (actor) => listSessions(actor, liveFilter) },
    { key: endedSessions.queryKey, endpoint: endpoints.sessions, verb: (actor) => listSessions(actor, endedFilter) },
    { key: recentSessions.queryKey, endpoint: endpoints.sessions, verb: (actor) => listSessions(actor, recentFilter) },
  ]);
  return (
    <FirstAnswers {...first}>
      <Frame title={config().branding.title} since={await eventsSeen()}>
        {children}
      </Frame>
    </FirstAnswers>
  );
}
