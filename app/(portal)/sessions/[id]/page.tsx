import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { SessionPage } from "@/components/sessions/session-page";

export const metadata: Metadata = { title: messages.sessions.title };

type Props = { params: Promise<{ id: string }> };

export default async function OneSessionPage({ params }: Props) {
  const { id } = await params;
  return <SessionPage id={decodeURIComponent(id)} />;
}
