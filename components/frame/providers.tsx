"use client";
// What every page needs around it: words, the query cache, toasts.
import { QueryClientProvider } from "@tanstack/react-query";
import { NextIntlClientProvider } from "next-intl";
import { type ReactNode, useEffect, useState } from "react";
import { makeQueryClient } from "@/components/frame/query-client";
import { rememberZone } from "@/components/frame/time-zone";
import { Toasts } from "@/components/frame/toasts";
import type { Messages } from "@/components/messages";

type Props = { locale: string; messages: Messages; children: ReactNode };

export function Providers({ locale, messages, children }: Props) {
  const [client] = useState(makeQueryClient);
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
