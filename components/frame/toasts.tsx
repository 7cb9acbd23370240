"use client";
// Where toasts appear. Nothing of their library is loaded before there is something to say.
import { lazy, Suspense, useSyncExternalStore } from "react";
import { stage } from "@/components/frame/notify";

const Toaster = lazy(() => import("@/components/frame/toaster"));

/** Nothing until the first message. */
export function Toasts() {
  const wanted = useSyncExternalStore(stage.follow, stage.wanted, () => false);
  if (!wanted) return null;
  return (
    <Suspense>
      <Toaster onMounted={stage.mounted} />
    </Suspense>
  );
}
