import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { NoAccess } from "@/components/auth/no-access";
import { actorFromRequest } from "@/lib/auth/actor-from-request";
import { paths } from "@/lib/paths";

export const metadata: Metadata = { title: "Almost there" };

export default async function NoAccessPage() {
  const actor = await actorFromRequest({ headers: await headers() });
  if (!actor) redirect(`${paths.signIn()}?from=${encodeURIComponent(paths.noAccess())}`);
  return <NoAccess />;
}
