import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { Settings } from "@/components/people/settings";
import { requireLogin } from "@/lib/auth/require-login";

export const metadata: Metadata = { title: messages.people.settings.title };

export default async function SettingsPage() {
  await requireLogin();
  return <Settings />;
}
