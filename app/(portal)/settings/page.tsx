import type { Metadata } from "next";
import { messages } from "@/components/messages";
import { Settings } from "@/components/people/settings";

export const metadata: Metadata = { title: messages.people.settings.title };

export default function SettingsPage() {
  return <Settings />;
}
