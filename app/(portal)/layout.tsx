// The gate of every portal page: who is not signed in goes to sign in and comes back. The API checks each request again.
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { Frame } from "@/components/frame/frame";
import { actorFromRequest } from "@/lib/auth/actor-from-request";
import { config } from "@/lib/config";
import { paths } from "@/lib/paths";

export default async function PortalLayout({ children }: { children: ReactNode }) {
  const given = await headers();
  if (!(await actorFromRequest({ headers: given }))) {
    const from = given.get("x-berth-path");
    redirect(from ? `${paths.signIn()}?from=${encodeURIComponent(from)}` : paths.signIn());
  }
  return <Frame title={config().branding.title}>{children}</Frame>;
}
