"use client";
// Stands below the top bar, in sight however far one has scrolled, while the login has ended and something unsaved keeps one here.
import { KeyRound } from "lucide-react";
import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { endedLogin } from "@/components/frame/ended-login";
import { paths } from "@/lib/paths";

export function LoginNotice() {
  const t = useTranslations("frame");
  const hasEnded = useSyncExternalStore(endedLogin.follow, endedLogin.now, () => false);
  if (!hasEnded) return null;
  return (
    <p
      role="alert"
      className="sticky top-13 z-10 flex items-center justify-center gap-2 border-wait/30 border-b bg-wait-soft px-4 py-2 text-sm"
    >
      <KeyRound aria-hidden className="size-4 shrink-0 text-wait" />
      <span>
        {t.rich("loginEnded", {
          link: (words) => (
            <a href={paths.signIn()} target="_blank" className="link" rel="noopener">
              {words}
            </a>
          ),
        })}
      </span>
    </p>
  );
}
