import type { ReactNode } from "react";
import { UrlState } from "@/components/frame/url-state";

export default function FilesLayout({ children }: { children: ReactNode }) {
  return <UrlState>{children}</UrlState>;
}
