"use client";
// Keeps every page's data fresh: one event stream for each tab that is seen, whose events invalidate what is shown.
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { clusterKey } from "@/components/clusters/queries";
import { giveUp } from "@/components/files/stay-here";
import { keepStream, type StreamEvent, type StreamState } from "@/components/frame/event-stream";
import { hiddenTab, showsSession } from "@/components/frame/hidden-tab";
import { keepPerson } from "@/components/frame/same-person";
import { meKey } from "@/components/people/queries";
import { previewKey } from "@/components/requests/preview-keys";
import { sessionKeys } from "@/components/sessions/queries";
import { templateKey } from "@/components/templates/queries";
import { terminalKey } from "@/components/terminals/queries";
import { api, paths } from "@/lib/paths";

let state: StreamState = "connecting";
const followers = new Set<() => void>();
const setState = (next: StreamState) => {
  state = next;
  for (const follower of followers) follower();
};
const follow = (follower: () => void) => {
  followers.add(follower);
  return () => followers.delete(follower);
};

/** Whether changes arrive by themselves ("live"), or pages ask every 15 s ("down"). */
export function useStreamState(): StreamState {
  return useSyncExternalStore(
    follow,
    () => state,
    () => "connecting",
  );
}

/** What an event makes stale. Previews and module lists are left alone: each would ask the cluster anew. */
/** What policy says of a request that is being composed: sessions that came or went change what is left. */
const verdictKey = previewKey("no");

function staleKeys(event: StreamEvent): (readonly string[])[] {
  switch (event.kind) {
    case "session":
      return [sessionKeys.lists, sessionKeys.one(event.id), sessionKeys.log(event.id), meKey, verdictKey];
    case "log":
      return [sessionKeys.log(event.id)];
    case "terminal":
      return [terminalKey];
    case "cluster":
      return [clusterKey, templateKey];
    case "resync":
      return [sessionKeys.lists, sessionKeys.every, meKey, clusterKey, templateKey, terminalKey, verdictKey];
  }
}

function invalidate(client: QueryClient, event: StreamEvent): void {
  // A log is read on the cluster. Nobody reads it in a hidden tab: it is asked for when the tab is seen.
  const refetchType = event.kind === "log" && document.hidden ? "none" : "active";
  for (const queryKey of staleKeys(event)) void client.invalidateQueries({ queryKey, refetchType });
}

/** Asks for what became stale while the tab was hidden. */
function catchUp(client: QueryClient): void {
  void client.refetchQueries({ type: "active", predicate: ({ state: { isInvalidated } }) => isInvalidated });
}

/** For whoever is signed in now. */
function startAnew(): void {
  giveUp();
  window.location.replace(paths.home());
}

/** Renders nothing. Mounted once, in the frame. `since`: where events were when the page's first answers were given, if known. */
export function Live({ since }: { since: string | null }) {
  const client = useQueryClient();
  useEffect(() => keepPerson(client, startAnew), [client]);
  useEffect(() => {
    const stream = keepStream({
      // EventSource's listeners take MessageEvent, of which `data` and `lastEventId` are used.
      open: (from) =>
        new EventSource(api.events(from)) as unknown as ReturnType<Parameters<typeof keepStream>[0]["open"]>,
      since,
      onEvent: (event) => invalidate(client, event),
      onState: setState,
      onPoll: () => invalidate(client, { kind: "resync" }),
    });
    // Browsers freeze hidden tabs, and a laptop sleeps: what was missed is asked for on waking.
    const tab = hiddenTab(stream, () => showsSession(client));
    const onVisibility = () => {
      tab.changed(document.hidden);
      if (document.hidden) return;
      // Who comes back to a tab may have become somebody else in another one.
      void client.refetchQueries({ queryKey: meKey }, { cancelRefetch: false });
      catchUp(client);
    };
    const onOnline = () => document.hidden || stream.wake(Number.POSITIVE_INFINITY);
    if (document.hidden) onVisibility();
    document.addEventListener("visibilitychange", onVisibility);
    window.addEventListener("online", onOnline);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("online", onOnline);
      tab.forget();
      stream.close();
    };
  }, [client, since]);
  return null;
}
