import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { SessionList } from "@/components/sessions/session-list";
import { requireLogin } from "@/lib/auth/require-login";

export const metadata: Metadata = { title: messages.sessions.title };

export default async function SessionsPage() {
  await requireLogin();
  return <SessionList />;
}
