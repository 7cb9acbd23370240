"use client";
// On a phone the form is several screens long: what is asked for and the button stay in reach above the navigation.
import clsx from "clsx";
import { LoaderCircle, Rocket } from "lucide-react";
import { useTranslations } from "next-intl";
import { useComposer } from "@/components/requests/place";
import type { Launch } from "@/components/requests/use-launch";
import { useAmounts } from "@/components/sessions/use-amounts";
import { Button } from "@/components/ui/button";
import { formatMinutes } from "@/lib/units";

export function LaunchBar({ launch }: { launch: Launch }) {
  const t = useTranslations("requests");
  const describe = useAmounts();
  const { composed, problems, preview } = useComposer();
  const { cpus, memoryGiB, minutes, gpus, gpuType, nodes } = composed;
  const complete = [cpus, memoryGiB, minutes].every(Number.isFinite);
  const asked = `${describe({ cpus, memoryGiB, gpus, gpuType, nodes })} · ${formatMinutes(minutes)}`;
  const fix = t("summary.fix", { count: problems.all.length });
  const isRefused = !problems.blocked && preview.estimate?.accepted === false;
  const words = problems.blocked || !complete ? fix : isRefused ? t("summary.refused") : asked;
  return (
    <div className="card sticky bottom-18 z-10 flex items-center gap-3 bg-raised py-2.5 pr-2.5 pl-4 shadow-pop md:bottom-3 lg:hidden">
      <p className={clsx("min-w-0 flex-1 text-sm", problems.blocked || isRefused ? "text-bad" : "text-ink2")}>
        {launch.error?.message ?? words}
      </p>
      {/* Pressed all the same, it leads to the first field to mend. */}
      <Button type="submit" look="primary" className="h-11" busy={launch.launching}>
        {launch.launching ? <LoaderCircle aria-hidden className="motion-safe:animate-spin" /> : <Rocket aria-hidden />}
        {launch.launching ? t("summary.launching") : t("summary.launch")}
      </Button>
    </div>
  );
}
