import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { ComposerPage } from "@/components/requests/composer-page";
import { requireLogin } from "@/lib/auth/require-login";

export const metadata: Metadata = { title: messages.frame.page.launch };

type Props = { params: Promise<{ template: string }> };

export default async function ComposePage({ params }: Props) {
  await requireLogin();
  const { template } = await params;
  return <ComposerPage name={decodeURIComponent(template)} />;
}
