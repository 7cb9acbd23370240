"use client";
// What every page needs around it: words, the query cache, toasts.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NextIntlClientProvider } from "next-intl";
import { type ReactNode, useEffect, useState } from "react";
import { worthRetrying } from "@/components/api";
import { rememberZone } from "@/components/frame/time-zone";
import { Toasts } from "@/components/frame/toasts";
import type { Messages } from "@/components/messages";

const makeClient = () =>
  new QueryClient({
    defaultOptions: {
      // Events say what is stale; the half minute only spares the same question from two components.
      queries: { staleTime: 30_000, retry: worthRetrying, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });

type Props = { locale: string; messages: Messages; children: ReactNode };

export function Providers({ locale, messages, children }: Props) {
  const [client] = useState(makeClient);
  useEffect(rememberZone, []);
  return (
    // The time zone is the browser's own; times are drawn there only.
    <NextIntlClientProvider locale={locale} messages={messages} timeZone="UTC">
      <QueryClientProvider client={client}>
        {children}
        <Toasts />
      </QueryClientProvider>
    </NextIntlClientProvider>
  );
}
