"use client";
// A switch that this browser keeps, and that shows the same wherever a page has it.
import { useSyncExternalStore } from "react";
import { keep, kept } from "@/components/ui/kept";

export type KeptSwitch = { isOn: () => boolean; useIsOn: () => boolean; set: (on: boolean) => void };

/** Kept under `name`; `first` until it is set. */
export function keptSwitch(name: string, first: boolean): KeptSwitch {
  const isOn = () => (kept(name) ?? (first ? "on" : "off")) === "on";
  const follow = (follower: () => void) => {
    window.addEventListener(name, follower);
    return () => window.removeEventListener(name, follower);
  };
  return {
    isOn,
    useIsOn: () => useSyncExternalStore(follow, isOn, () => first),
    set: (on) => {
      keep(name, on ? "on" : "off");
      window.dispatchEvent(new Event(name));
    },
  };
}
