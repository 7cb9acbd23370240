// The pages of the portal, once: for the sidebar, the bottom bar, the palette and the shortcuts.
import { Boxes, FolderClosed, House, LayoutList, type LucideIcon, Plus, Settings2, SquareTerminal } from "lucide-react";
import { paths } from "@/lib/paths";

export type PageKey = "home" | "launch" | "sessions" | "terminals" | "files" | "clusters" | "settings";
type Page = {
  key: PageKey;
  href: string;
  icon: LucideIcon;
  /** After "g". */
  letter: string;
  /** On a phone: in the bar, where five have room, or behind the account. */
  onPhone: "bar" | "account";
};

export const pages: Page[] = [
  { key: "home", href: paths.home(), icon: House, letter: "h", onPhone: "bar" },
  { key: "launch", href: paths.launch(), icon: Plus, letter: "l", onPhone: "bar" },
  { key: "sessions", href: paths.sessions(), icon: LayoutList, letter: "s", onPhone: "bar" },
  { key: "terminals", href: paths.terminals(), icon: SquareTerminal, letter: "x", onPhone: "bar" },
  { key: "files", href: paths.files(), icon: FolderClosed, letter: "f", onPhone: "bar" },
  { key: "clusters", href: paths.clusters(), icon: Boxes, letter: "c", onPhone: "account" },
  { key: "settings", href: paths.settings(), icon: Settings2, letter: "t", onPhone: "account" },
];

/** The page that `pathname` is, or is part of. */
export const pageOf = (pathname: string): Page | undefined =>
  pages.find(({ href }) => (href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`)));
