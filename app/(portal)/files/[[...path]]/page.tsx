// Every folder of every cluster; which one is read from the address in the browser (components/files/address.ts).
import type { Metadata } from "next";
import { FilesPage } from "@/components/files/files-page";
import { messages } from "@/components/messages";
import { requireLogin } from "@/lib/auth/require-login";

export const metadata: Metadata = { title: messages.files.title };

export default async function Files() {
  await requireLogin();
  return <FilesPage />;
}
