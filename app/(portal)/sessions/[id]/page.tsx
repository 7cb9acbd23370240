import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { SessionPage } from "@/components/sessions/session-page";
import { requireLogin } from "@/lib/auth/require-login";

export const metadata: Metadata = { title: messages.sessions.title };

type Props = { params: Promise<{ id: string }> };

export default async function OneSessionPage({ params }: Props) {
  await requireLogin();
  const { id } = await params;
  return <SessionPage id={decodeURIComponent(id)} />;
}
