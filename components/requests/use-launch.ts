"use client";
// Launching, safe against a double click, an impatient second try and a lost answer: one key for each composed attempt.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import { ask } from "@/components/api";
import { meKey } from "@/components/people/queries";
import { sessionKeys } from "@/components/sessions/queries";
import { api, paths } from "@/lib/paths";
import type { ResourceRequest } from "@/lib/sessions/schema";

/** 128 random bits; crypto.randomUUID exists in secure contexts only. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export type Launch = { start: () => void; launching: boolean; error: Error | null };

/** The key stays while the request stays the same: whatever is sent again makes no second session. */
export function useLaunch(request: ResourceRequest): Launch {
  const client = useQueryClient();
  const router = useRouter();
  const text = JSON.stringify(request);
  const attempt = useRef({ text: "", key: "" });
  const failedFor = useRef("");
  // The state of the mutation is a render late: a double click's second half would not see it.
  const running = useRef(false);
  const show = (id: string) => router.push(paths.session(id));
  const launch = useMutation({
    mutationFn: ({ key, body }: { key: string; body: ResourceRequest }) =>
      ask<"createSession">(api.sessions(), { method: "POST", body, headers: { "idempotency-key": key } }),
    onSuccess: (session) => {
      client.setQueryData(sessionKeys.one(session.id), session);
      void client.invalidateQueries({ queryKey: sessionKeys.lists });
      void client.invalidateQueries({ queryKey: meKey });
    },
    // The form may have changed since: what was refused is what was sent.
    onError: (_, { body }) => {
      failedFor.current = JSON.stringify(body);
      running.current = false;
    },
  });
  const start = () => {
    if (running.current) return;
    running.current = true;
    if (attempt.current.text !== text) attempt.current = { text, key: newKey() };
    // The page shows the answer at once; it need not ask for what was just given. Who has left the form meanwhile stays
    // where they are: this is not called for a form that is gone.
    launch.mutate({ key: attempt.current.key, body: request }, { onSuccess: ({ id }) => show(id) });
  };
  return {
    start,
    launching: launch.isPending || launch.isSuccess,
    // What was refused is no longer said of a request that has changed since.
    error: failedFor.current === text ? launch.error : null,
  };
}
