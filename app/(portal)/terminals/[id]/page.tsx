import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { TerminalPage } from "@/components/terminals/terminal-page";
import { requireLogin } from "@/lib/auth/require-login";
import { config } from "@/lib/config";

export const metadata: Metadata = { title: messages.terminals.title };

type Props = { params: Promise<{ id: string }> };

export default async function OneTerminalPage({ params }: Props) {
  await requireLogin();
  const { id } = await params;
  return <TerminalPage id={decodeURIComponent(id)} scrollback={config().terminals.scrollbackLines} />;
}
