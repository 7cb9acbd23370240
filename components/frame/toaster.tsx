"use client";
// Draws toasts. A file of its own because its library is loaded after the page, or with the first toast.
import { CircleAlert, CircleCheck, Info } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { Toaster as Sonner, toast } from "sonner";
import type { Notice } from "@/components/frame/notify";
import { useTheme } from "@/components/frame/use-theme";

/** What was not mounted yet shows nothing. */
export function show({ tone, text, detail, action }: Notice): void {
  const draw = { done: toast.success, failed: toast.error, plain: toast }[tone];
  draw(text, { description: detail, action });
}

/** Toasts in our colours, above the bottom bar on a phone. */
export default function Toaster({ onMounted }: { onMounted: () => void }) {
  const t = useTranslations("frame");
  // After the effect of the child, which is when it listens.
  useEffect(onMounted, [onMounted]);
  return (
    <Sonner
      theme={useTheme()}
      position="bottom-right"
      mobileOffset={{ bottom: "84px" }}
      containerAriaLabel={t("notifications")}
      icons={{
        success: <CircleCheck className="size-4.5 text-ok" />,
        error: <CircleAlert className="size-4.5 text-bad" />,
        info: <Info className="size-4.5 text-info" />,
      }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-start gap-3 rounded-lg border border-line bg-raised p-3.5 text-base text-ink shadow-pop sm:w-90",
          title: "font-semibold",
          description: "text-sm text-ink2",
          actionButton:
            "ml-auto h-8 shrink-0 self-center rounded-md bg-accent px-3 text-sm font-semibold text-accent-ink hover:bg-accent-strong",
          icon: "mt-0.5 shrink-0",
        },
      }}
    />
  );
}
