"use client";
// Reads a folder again when something that was done with files has ended, wherever in this tab it was begun.
import { useEffect, useRef, useSyncExternalStore } from "react";
import { operationStore } from "@/components/files/operations";

const none = () => 0;

export function useReloadAfterOperations(reload: () => void): void {
  const ended = useSyncExternalStore(operationStore.follow, operationStore.ended, none);
  const seen = useRef(ended);
  useEffect(() => {
    if (ended === seen.current) return;
    seen.current = ended;
    reload();
  }, [ended, reload]);
}
