import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { Gallery } from "@/components/templates/gallery";
import { PageHeader } from "@/components/ui/page-header";

const { title, text } = messages.templates;

export const metadata: Metadata = { title };

export default function LaunchPage() {
  return (
    <>
      <PageHeader title={title} text={text} />
      <Gallery />
    </>
  );
}
