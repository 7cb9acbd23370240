"use client";
// Amounts in one line, wherever a request is summed up.
import { useTranslations } from "next-intl";
import { type Amounts, amounts } from "@/components/sessions/describe";

/** "4 cores · 16 GiB · 1 × A100" in the reader's language. */
export function useAmounts(): (request: Amounts) => string {
  const t = useTranslations("sessions");
  return (request) =>
    amounts(request, {
      cores: (count) => t("cores", { count }),
      gpus: (count) => t("gpus", { count }),
      nodes: (count) => t("timesNodes", { count }),
    })
      // Lines break between amounts, never between a number and its unit.
      .map((amount) => amount.replaceAll(" ", "\u00a0"))
      .join("\u00a0· ");
}
