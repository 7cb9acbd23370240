"use client";
// Joins a screen and a link for as long as a terminal is shown.
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import { ask } from "@/components/api";
import { themeCookie } from "@/components/frame/theme";
import { withCtrl } from "@/components/terminals/ctrl";
import { type Link, type LinkStatus, openLink } from "@/components/terminals/link";
import type { Screen } from "@/components/terminals/screen";
import { api } from "@/lib/paths";

type Options = { id: string; fontSize: number; scrollback: number; onLink: (address: string) => void };

export type TerminalHandle = {
  status: LinkStatus;
  screen: RefObject<Screen | null>;
  link: RefObject<Link | null>;
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

/** Shows terminal `id` in `box`. */
export function useTerminal(box: RefObject<HTMLElement | null>, options: Options): TerminalHandle {
  const { id, fontSize } = options;
  const screen = useRef<Screen | null>(null);
  const link = useRef<Link | null>(null);
  const [status, setStatus] = useState<LinkStatus>({ kind: "connecting" });
  const [isCtrlHeld, holdCtrl] = useState(false);
  const start = useEffectEvent(() => options);
  const follow = useEffectEvent(options.onLink);
  const type = (bytes: Uint8Array) => {
    link.current?.type(isCtrlHeld ? withCtrl(bytes) : bytes);
    if (isCtrlHeld) holdCtrl(false);
  };
  const onType = useEffectEvent(type);

  useEffect(() => {
    let isGone = false;
    let undo = () => {};
    void import("@/components/terminals/screen").then(({ makeScreen }) => {
      if (isGone || !box.current) return;
      const shown = makeScreen(box.current, { ...start(), onType, onLink: follow });
      const opened = openLink({
        socket: () => new WebSocket(socketAddress(id)),
        ticket: async () => (await ask<"terminalTicket">(api.terminalTicket(id), { method: "POST" })).ticket,
        size: shown.fit(),
        onOutput: shown.write,
        onScreen: shown.redraw,
        onSize: shown.resize,
        onStatus: setStatus,
      });
      screen.current = shown;
      link.current = opened;
      const refit = new ResizeObserver(() => opened.resize(shown.fit()));
      refit.observe(box.current);
      const wake = () => !document.hidden && opened.retry();
      const recolour = () => shown.setTheme();
      const dark = window.matchMedia("(prefers-color-scheme: dark)");
      window.addEventListener("online", opened.retry);
      document.addEventListener("visibilitychange", wake);
      window.addEventListener(themeCookie, recolour);
      dark.addEventListener("change", recolour);
      shown.terminal.focus();
      undo = () => {
        refit.disconnect();
        window.removeEventListener("online", opened.retry);
        document.removeEventListener("visibilitychange", wake);
        window.removeEventListener(themeCookie, recolour);
        dark.removeEventListener("change", recolour);
        opened.close();
        shown.dispose();
        screen.current = null;
        link.current = null;
      };
    });
    return () => {
      isGone = true;
      undo();
    };
  }, [box, id]);

  useEffect(() => {
    const shown = screen.current;
    if (!shown) return;
    shown.terminal.options.fontSize = fontSize;
    link.current?.resize(shown.fit());
  }, [fontSize]);

  return { status, screen, link, type, holdCtrl, isCtrlHeld };
}
