"use client";
import { CloudOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";

const follow = (follower: () => void) => {
  window.addEventListener("online", follower);
  window.addEventListener("offline", follower);
  return () => {
    window.removeEventListener("online", follower);
    window.removeEventListener("offline", follower);
  };
};

/** Says that the network is gone, and that sessions do not mind. */
export function OfflineBanner() {
  const t = useTranslations("frame");
  const online = useSyncExternalStore(
    follow,
    () => navigator.onLine,
    () => true,
  );
  return (
    <div role="status">
      {online ? null : (
        <p className="flex items-center justify-center gap-2 border-wait/30 border-b bg-wait-soft px-4 py-2 text-center text-sm">
          <CloudOff aria-hidden className="size-4 shrink-0 text-wait" />
          {t("offline")}
        </p>
      )}
    </div>
  );
}
