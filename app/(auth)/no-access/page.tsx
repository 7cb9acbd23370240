import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { NoAccess } from "@/components/auth/no-access";
import { messages } from "@/components/messages";
import { pageActor } from "@/lib/auth/require-login";
import { paths } from "@/lib/paths";

export const metadata: Metadata = { title: messages.auth.access.title };

export default async function NoAccessPage() {
  const actor = await pageActor(await headers());
  if (!actor) redirect(`${paths.signIn()}?from=${encodeURIComponent(paths.noAccess())}`);
  return <NoAccess />;
}
