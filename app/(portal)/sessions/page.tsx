import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { SessionList } from "@/components/sessions/session-list";

export const metadata: Metadata = { title: messages.sessions.title };

export default function SessionsPage() {
  return <SessionList />;
}
