import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { Gallery } from "@/components/templates/gallery";
import { PageHeader } from "@/components/ui/page-header";
import { requireLogin } from "@/lib/auth/require-login";

const { title, text } = messages.templates;

export const metadata: Metadata = { title };

export default async function LaunchPage() {
  await requireLogin();
  return (
    <>
      <PageHeader title={title} text={text} />
      <Gallery />
    </>
  );
}
