"use client";
// Puts what the server answered with the page where the questions look first: nothing below asks for it again, and all of it is
// in the first HTML.
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { DrawnAt } from "@/components/ui/now";

type Props = {
  /** When the server drew the page, in milliseconds since the epoch. */
  drawnAt: number;
  answers: (readonly [key: readonly unknown[], answer: unknown])[];
  children: ReactNode;
};

export function FirstAnswers({ drawnAt, answers, children }: Props) {
  const client = useQueryClient();
  // While drawing, once: what is below must find it in this very pass, on the server and in the browser. Answers that the
  // browser asked for itself are newer.
  useState(() => {
    for (const [key, answer] of answers) {
      if (client.getQueryData(key) === undefined) client.setQueryData(key, answer, { updatedAt: drawnAt });
    }
  });
  return <DrawnAt value={drawnAt}>{children}</DrawnAt>;
}
