// Why a request does not reach an app, as pages. What a person may not see and what never was read the same.
import type { Page } from "@/lib/gateway/pages";
import type { Route } from "@/lib/gateway/routes";
import { paths } from "@/lib/paths";
import type { SessionState } from "@/lib/sessions/schema";

export type Refusal =
  | { why: "signed-out"; sessionId: string | null }
  | { why: "not-yours" }
  | { why: "from-elsewhere" }
  | { why: "no-worker" }
  | { why: "too-many" }
  | { why: "too-often" }
  | { why: "no-database" }
  | { why: "not-ready" | "ended" | "unreachable"; route: Route };

const states: Record<SessionState, string> = {
  submitting: "It is being handed to the scheduler.",
  queued: "It waits in the queue.",
  starting: "It is starting: the app does not answer yet.",
  ready: "It is ready.",
  stopping: "It is being stopped.",
  ended: "It has ended.",
};

const waiting = "This page looks again by itself.";

/** The page for a refusal. `portalUrl` is where the way back leads. */
export function pageFor(refusal: Refusal, portalUrl: string): Page {
  const home = { href: new URL(paths.sessions(), portalUrl).href, label: "My sessions" };
  const back = (id: string, label: string) => ({ href: new URL(paths.session(id), portalUrl).href, label });
  switch (refusal.why) {
    case "signed-out": {
      const link = refusal.sessionId ? back(refusal.sessionId, "Open it in the portal") : home;
      const text = "This address opens from the portal only, and for as long as you are signed in there.";
      return { status: 401, title: "Open this session from the portal.", text, link };
    }
    case "not-yours":
      return { status: 404, title: "Not found.", text: "There is no such session that you may open.", link: home };
    case "from-elsewhere": {
      const text = "Another site asked for this. Open the session from the portal instead.";
      return { status: 403, title: "Refused.", text, link: home };
    }
    case "no-worker": {
      const text = "A service worker would outlive the session, on a host that others have after it.";
      return { status: 403, title: "No service workers here.", text, link: home };
    }
    case "too-many": {
      const text = "This session has too many connections open at once. Close some of its tabs.";
      return { status: 429, title: "Too many connections.", text, link: home, againSeconds: 10 };
    }
    case "too-often": {
      const text = "Too many sessions were opened from your network just now. Open yours from the portal in a minute.";
      return { status: 429, title: "Wait a minute.", text, link: home };
    }
    case "no-database": {
      const text = `The portal cannot look this session up at the moment. The session itself goes on. ${waiting}`;
      return { status: 503, title: "Try again in a moment.", text, link: home, againSeconds: 5 };
    }
    case "not-ready": {
      const { id, state, name } = refusal.route;
      const title = `${name} is not ready${state === "stopping" ? " any more." : " yet."}`;
      const link = back(id, "Show the session");
      return { status: 503, title, text: `${states[state]} ${waiting}`, link, againSeconds: 3 };
    }
    case "ended": {
      const { id, name, endDetail } = refusal.route;
      const text = endDetail ?? "The portal shows why, and can launch it again.";
      return { status: 410, title: `${name} has ended.`, text, link: back(id, "Show the session") };
    }
    case "unreachable": {
      const { id, name } = refusal.route;
      const text = `The portal could not connect to the app on its node. The session itself may be fine. ${waiting}`;
      const link = back(id, "Show the session");
      return { status: 502, title: `${name} does not answer.`, text, link, againSeconds: 5 };
    }
  }
}
