import type { ReactNode } from "react";
import { UrlState } from "@/components/frame/url-state";

export default function SessionsLayout({ children }: { children: ReactNode }) {
  return <UrlState>{children}</UrlState>;
}
