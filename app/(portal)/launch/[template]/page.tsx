import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { ComposerPage } from "@/components/requests/composer-page";

export const metadata: Metadata = { title: messages.frame.page.launch };

type Props = { params: Promise<{ template: string }> };

export default async function ComposePage({ params }: Props) {
  const { template } = await params;
  return <ComposerPage name={decodeURIComponent(template)} />;
}
