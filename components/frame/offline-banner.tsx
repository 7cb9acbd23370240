"use client";
// A line below the top bar when what is shown may be old: the network is gone, or the portal's database.
import { CloudOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { staleness } from "@/components/api";

const follow = (follower: () => void) => {
  window.addEventListener("online", follower);
  window.addEventListener("offline", follower);
  return () => {
    window.removeEventListener("online", follower);
    window.removeEventListener("offline", follower);
  };
};

/** Says that the network is gone, or the portal's database, and that sessions do not mind. */
export function OfflineBanner() {
  const t = useTranslations("frame");
  const online = useSyncExternalStore(
    follow,
    () => navigator.onLine,
    () => true,
  );
  const since = useSyncExternalStore(staleness.follow, staleness.since, () => null);
  const stale = since && t("stale", { time: new Date(since).toLocaleTimeString(undefined, { timeStyle: "short" }) });
  const words = online ? stale : t("offline");
  return (
    <div role="status">
      {words ? (
        <p className="flex items-center justify-center gap-2 border-wait/30 border-b bg-wait-soft px-4 py-2 text-center text-sm">
          <CloudOff aria-hidden className="size-4 shrink-0 text-wait" />
          {words}
        </p>
      ) : null}
    </div>
  );
}
