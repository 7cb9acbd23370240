"use client";
// Doing something with files, and saying what came of it where the person looks: short ones by a toast, the others in the
// panel that has their progress and their failures.
import { useQueryClient } from "@tanstack/react-query";
import { wordsOf } from "@/components/files/fault-text";
import { dismiss, type Operation, operate } from "@/components/files/operations";
import { fileKeys } from "@/components/files/queries";
import { notify } from "@/components/frame/notify";
import type { FileAction } from "@/lib/files/schema";

/** Done, and nothing of it failed. */
export const isClean = ({ state, failures }: Operation): boolean => state === "done" && failures.length === 0;

type Words = { done: string; undo?: { label: string; run: (operation: Operation) => void } };

export function useOperate() {
  const client = useQueryClient();
  return async (action: FileAction, words?: Words): Promise<Operation> => {
    const operation = await operate(action);
    void client.invalidateQueries({ queryKey: fileKeys.trash });
    if (isClean(operation)) {
      dismiss(operation.id);
      const undo = words?.undo;
      const again = undo && { label: undo.label, onClick: () => undo.run(operation) };
      if (words) void notify({ tone: "done", text: words.done, action: again });
    }
    return operation;
  };
}

/** Why a thing could not be done, in a sentence and in the words of the cluster; null when it was. `broken` is for an answer that broke off. */
export function faultOf({ failures: [first], error, state }: Operation, broken: string) {
  if (first) return { detail: first.detail, words: first.words };
  if (error) return { detail: error.message, words: wordsOf(error) };
  return state === "done" ? null : { detail: broken, words: null };
}
