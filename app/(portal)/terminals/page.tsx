import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { TerminalPage } from "@/components/terminals/terminal-page";
import { requireLogin } from "@/lib/auth/require-login";
import { config } from "@/lib/config";

export const metadata: Metadata = { title: messages.terminals.title };

export default async function TerminalsPage() {
  await requireLogin();
  return <TerminalPage id={null} scrollback={config().terminals.scrollbackLines} />;
}
