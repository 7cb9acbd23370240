"use client";
// Where messages appear: as toasts, or as a plain line while what draws toasts is out of reach.
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useSyncExternalStore } from "react";
import { type Notice, notices } from "@/components/frame/notify";
import { Button } from "@/components/ui/button";

/** What draws toasts is loaded so long after the page that it is in the way of nothing that the page itself loads. */
const prepareMs = 10_000;
const nothing = notices.drawn();

export function Toasts() {
  const { Toaster, line } = useSyncExternalStore(notices.follow, notices.drawn, () => nothing);
  useEffect(() => {
    const timer = setTimeout(notices.prepare, prepareMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      {Toaster ? <Toaster onMounted={notices.isMounted} /> : null}
      {line ? <Line notice={line} /> : null}
    </>
  );
}

function Line({ notice: { text, detail, action } }: { notice: Notice }) {
  const t = useTranslations("frame");
  const act = () => {
    notices.dismissLine();
    action?.onClick();
  };
  return (
    <div
      role="alert"
      className="fixed inset-x-4 bottom-21 z-30 flex items-start gap-3 rounded-lg border border-line bg-raised p-3.5 shadow-pop sm:left-auto sm:w-90 md:bottom-6"
    >
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{text}</p>
        {detail ? <p className="text-sm text-ink2">{detail}</p> : null}
      </div>
      {action ? (
        <Button size="sm" look="primary" onClick={act}>
          {action.label}
        </Button>
      ) : null}
      <Button size="sm" look="quiet" aria-label={t("dismiss")} title={t("dismiss")} onClick={notices.dismissLine}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
