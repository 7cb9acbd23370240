// The pages of the portal, once: for the sidebar, the bottom bar, the palette and the shortcuts.
import { Boxes, House, LayoutList, type LucideIcon, Plus, Settings2, SquareTerminal } from "lucide-react";
import { paths } from "@/lib/paths";

export type PageKey = "home" | "launch" | "sessions" | "terminals" | "clusters" | "settings";
type Page = {
  key: PageKey;
  href: string;
  icon: LucideIcon;
  /** After "g". */
  letter: string;
};

export const pages: Page[] = [
  { key: "home", href: paths.home(), icon: House, letter: "h" },
  { key: "launch", href: paths.launch(), icon: Plus, letter: "l" },
  { key: "sessions", href: paths.sessions(), icon: LayoutList, letter: "s" },
  { key: "terminals", href: paths.terminals(), icon: SquareTerminal, letter: "x" },
  { key: "clusters", href: paths.clusters(), icon: Boxes, letter: "c" },
  { key: "settings", href: paths.settings(), icon: Settings2, letter: "t" },
];

/** The page that `pathname` is, or is part of. */
export const pageOf = (pathname: string): Page | undefined =>
  pages.find(({ href }) => (href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`)));
