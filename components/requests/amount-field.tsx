"use client";
// An amount to type or to slide. The slider stops at amounts people ask for; any number may be typed.
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useComposer } from "@/components/requests/place";
import { nearestStop, stops } from "@/components/requests/stops";
import { Field, UnitInput } from "@/components/ui/field";

type Props = {
  name: "cpus" | "memoryGiB";
  label: string;
  unit: string;
  min: number;
  max: number;
  format: (value: number) => string;
  hint?: ReactNode;
};

/**
 * The value of a number field: empty for NaN, which stands for "not typed yet". A number and no text: React compares it with
 * what is typed as numbers, and leaves "0.0" alone on the way to "0.05".
 */
export const shownNumber = (value: number): number | "" => (Number.isNaN(value) ? "" : value);

/** Half the world writes 1,5. */
export const readNumber = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text.replace(",", ".")));

export function AmountField({ name, label, unit, min, max, format, hint }: Props) {
  const t = useTranslations("requests");
  const { composed, problems, set } = useComposer();
  const value = composed[name];
  const all = stops(min, Math.max(min, max));
  const index = nearestStop(all, value);
  const percent = all.length > 1 ? (index / (all.length - 1)) * 100 : 0;
  return (
    <Field label={label} problems={problems.of(name)} hint={hint}>
      <div className="grid grid-cols-[8.5rem_minmax(0,1fr)] items-center gap-4 max-sm:grid-cols-[7.5rem_minmax(0,1fr)]">
        <UnitInput
          type="number"
          step="any"
          min={min}
          unit={unit}
          value={shownNumber(value)}
          onChange={(event) => set(name, readNumber(event.target.value))}
        />
        <input
          type="range"
          className="slider"
          aria-label={t("slider", { label })}
          aria-valuetext={format(all[index] ?? min)}
          min={0}
          max={all.length - 1}
          value={index}
          onChange={(event) => set(name, all[Number(event.target.value)] ?? min)}
          // React's type of a style knows no custom properties: as a string the name is just one more.
          style={{ ["--at" as string]: `${percent}%` }}
        />
      </div>
    </Field>
  );
}
