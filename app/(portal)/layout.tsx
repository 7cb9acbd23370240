// The frame around every portal page. Each page asks for a login itself, and the API checks each request again.
import type { ReactNode } from "react";
import { Frame } from "@/components/frame/frame";
import { requireLogin } from "@/lib/auth/require-login";
import { config } from "@/lib/config";

export default async function PortalLayout({ children }: { children: ReactNode }) {
  await requireLogin();
  return <Frame title={config().branding.title}>{children}</Frame>;
}
