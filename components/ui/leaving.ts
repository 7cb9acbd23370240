"use client";
// Asks before something unsaved is left. Links, Back and Forward, and closing the window are heard here; what goes elsewhere
// in a program's own way asks with leave(). One page at a time has something unsaved.
import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent } from "react";

type Ask = (go: () => void) => void;
let ask: Ask | null = null;

/** Does `go`, which ends what is shown: at once, or when whoever has something unsaved there was asked and agrees. */
export function leave(go: () => void): void {
  if (ask) ask(go);
  else go();
}

/** Whether something unsaved is here. */
export const isHeld = (): boolean => ask !== null;

/** From now on leave() asks so; until what this answers is called. */
export function holdHere(asking: Ask): () => void {
  ask = asking;
  return () => {
    ask = null;
  };
}

/** Where a click on a link leads within the portal; null when it leaves this page where it is. */
function linkOf(event: MouseEvent): string | null {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.hasAttribute("download") || link.target !== "" || link.origin !== location.origin) return null;
  const to = link.pathname + link.search;
  return to === location.pathname + location.search ? null : to + link.hash;
}

const withoutHash = (href: string): string => href.replace(/#.*/, "");

/**
 * While `isOn`, calls `onLeave` in place of leaving; what it is given goes where the person wanted to. Closing or reloading
 * the window, and whatever another page of the browser is reached by, asks in the browser's own words.
 */
export function useLeaveGuard(isOn: boolean, onLeave: Ask): void {
  const router = useRouter();
  const asked = useEffectEvent(onLeave);
  const push = useEffectEvent((href: string) => router.push(href));
  useEffect(() => {
    if (!isOn) return;
    const stopHearing = [
      holdHere((go) => asked(go)),
      onUnload(),
      onLinks((href) => asked(() => push(href))),
      onTraversal((go) => asked(go)),
    ];
    return () => {
      for (const stop of stopHearing) stop();
    };
  }, [isOn]);
}

function onUnload(): () => void {
  const stay = (event: BeforeUnloadEvent) => event.preventDefault();
  window.addEventListener("beforeunload", stay);
  return () => window.removeEventListener("beforeunload", stay);
}

function onLinks(leads: (href: string) => void): () => void {
  const onClick = (event: MouseEvent) => {
    const to = linkOf(event);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    leads(to);
  };
  // Before the link's own handler, which would go there.
  window.addEventListener("click", onClick, { capture: true });
  return () => window.removeEventListener("click", onClick, { capture: true });
}

/**
 * Back, Forward and the swipe that means them. Only the Navigation API tells of them before they are done: when popstate is
 * heard, the router has drawn what is there. A browser lets nobody be held twice without having touched the page in between.
 */
function onTraversal(leads: Ask): () => void {
  const { navigation } = window;
  let meant: string | null = null;
  const onNavigate = (event: NavigateEvent) => {
    const { key, sameDocument, url } = event.destination;
    const isLeft = event.navigationType === "traverse" && withoutHash(url) !== withoutHash(location.href);
    // Another document is reached by closing this one, which asks in its own way.
    if (!isLeft || !event.cancelable || !sameDocument || key === meant) return;
    event.preventDefault();
    leads(() => {
      meant = key;
      navigation.traverseTo(key);
    });
  };
  // Absent from browsers before 2026, where Back is not asked about.
  navigation?.addEventListener("navigate", onNavigate);
  return () => navigation?.removeEventListener("navigate", onNavigate);
}
