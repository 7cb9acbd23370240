"use client";
// Joins a screen and a link for as long as a terminal is shown.
import { useTranslations } from "next-intl";
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import { ask } from "@/components/api";
import { themeCookie } from "@/components/frame/theme";
import { withCtrl } from "@/components/terminals/ctrl";
import { type Link, type LinkStatus, openLink } from "@/components/terminals/link";
import type { makeScreen as MakeScreen, Screen } from "@/components/terminals/screen";
import { untilLoaded } from "@/components/terminals/until-loaded";
import { api } from "@/lib/paths";

type Options = {
  id: string;
  fontSize: number;
  scrollback: number;
  describedBy: string;
  onLeave: () => void;
  onLink: (address: string) => void;
  /** What was typed last may not have arrived. */
  onLost: () => void;
};

export type TerminalHandle = {
  status: LinkStatus;
  screen: RefObject<Screen | null>;
  link: RefObject<Link | null>;
  /** Tries at once whatever is waited for. */
  retry: () => void;
  /** Types a key of the key row, with Ctrl where that is held. */
  type: (bytes: Uint8Array) => void;
  /** The next key typed is sent with Ctrl, as the key row of a phone wants it. */
  holdCtrl: (on: boolean) => void;
  isCtrlHeld: boolean;
};

const socketAddress = (id: string): string => {
  const url = new URL(api.terminalSocket(id), window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
};

const heardBy = (screen: Screen, hear: (status: LinkStatus) => void) => (status: LinkStatus) => {
  if (status.kind === "open") screen.setAnswered(status.isAnswered);
  hear(status);
};

type Hearing = {
  onType: (bytes: Uint8Array) => void;
  onLink: (address: string) => void;
  onStatus: (status: LinkStatus) => void;
  onLost: () => void;
  onLeave: () => void;
};

/** A screen in `box` with its link, until `undo`. */
function join(box: HTMLElement, makeScreen: typeof MakeScreen, { id, ...options }: Options & Hearing) {
  const { onStatus } = options;
  const shown = makeScreen(box, options);
  const opened = openLink({
    socket: () => new WebSocket(socketAddress(id)),
    ticket: async () => (await ask<"terminalTicket">(api.terminalTicket(id), { method: "POST" })).ticket,
    size: shown.fit(),
    onOutput: shown.write,
    onScreen: shown.redraw,
    onSize: shown.resize,
    onStatus: heardBy(shown, onStatus),
    onLost: options.onLost,
  });
  const refit = new ResizeObserver(() => opened.resize(shown.fit()));
  refit.observe(box);
  const recolour = () => shown.setTheme();
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  window.addEventListener(themeCookie, recolour);
  dark.addEventListener("change", recolour);
  shown.terminal.focus();
  const undo = () => {
    refit.disconnect();
    window.removeEventListener(themeCookie, recolour);
    dark.removeEventListener("change", recolour);
    opened.close();
    shown.dispose();
  };
  return { shown, opened, undo };
}

/** Shows terminal `id` in `box`. */
export function useTerminal(box: RefObject<HTMLElement | null>, options: Options): TerminalHandle {
  const t = useTranslations("terminals");
  const { id, fontSize } = options;
  const screen = useRef<Screen | null>(null);
  const link = useRef<Link | null>(null);
  const again = useRef<() => void>(() => undefined);
  const [status, setStatus] = useState<LinkStatus>({ kind: "connecting" });
  const [isCtrlHeld, holdCtrl] = useState(false);
  const start = useEffectEvent(() => options);
  const onLink = useEffectEvent(options.onLink);
  const onLost = useEffectEvent(options.onLost);
  const onLeave = useEffectEvent(options.onLeave);
  const type = (bytes: Uint8Array) => {
    link.current?.type(isCtrlHeld ? withCtrl(bytes) : bytes);
    if (isCtrlHeld) holdCtrl(false);
  };
  const onType = useEffectEvent(type);
  const onWaiting = useEffectEvent((retryAt: number) =>
    setStatus({ kind: "waiting", retryAt, detail: t("status.notLoaded") }),
  );

  useEffect(() => {
    let undo = () => {};
    const onLoaded = ({ makeScreen }: { makeScreen: typeof MakeScreen }) => {
      if (!box.current) return;
      const joined = join(box.current, makeScreen, {
        ...start(),
        id,
        onType,
        onLink,
        onLost,
        onLeave,
        onStatus: setStatus,
      });
      undo = joined.undo;
      screen.current = joined.shown;
      link.current = joined.opened;
    };
    const loading = untilLoaded(() => import("@/components/terminals/screen"), { onLoaded, onWaiting });
    const retry = () => {
      loading.retry();
      link.current?.retry();
    };
    again.current = retry;
    const wake = () => !document.hidden && retry();
    window.addEventListener("online", retry);
    document.addEventListener("visibilitychange", wake);
    return () => {
      window.removeEventListener("online", retry);
      document.removeEventListener("visibilitychange", wake);
      loading.stop();
      undo();
      screen.current = null;
      link.current = null;
    };
  }, [box, id]);

  useEffect(() => {
    const shown = screen.current;
    if (!shown) return;
    shown.terminal.options.fontSize = fontSize;
    link.current?.resize(shown.fit());
  }, [fontSize]);

  return { status, screen, link, retry: () => again.current(), type, holdCtrl, isCtrlHeld };
}
