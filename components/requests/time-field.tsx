"use client";
// How long it is wanted: a number of hours or minutes, and the usual answers one click away.
import { useTranslations } from "next-intl";
import { useState } from "react";
import { readNumber, shownNumber } from "@/components/requests/amount-field";
import { useComposer } from "@/components/requests/place";
import { Button } from "@/components/ui/button";
import { Field, Input, OutsideField, Select } from "@/components/ui/field";
import { partitionMinutes } from "@/lib/scheduler/rules";
import { formatMinutes } from "@/lib/units";

// What people ask for most, in minutes.
const usual = [60, 120, 240, 480];

export function TimeField() {
  const t = useTranslations("requests");
  const { template, cluster, partition, composed, problems, set } = useComposer();
  // Whole and half hours read better as hours.
  const [unit, setUnit] = useState<"hours" | "minutes">(composed.minutes % 30 === 0 ? "hours" : "minutes");
  const perUnit = unit === "hours" ? 60 : 1;
  const longest = Math.min(
    partitionMinutes(composed, cluster?.me ?? null, partition) ?? Number.POSITIVE_INFINITY,
    template.resources.minutes.max ?? Number.POSITIVE_INFINITY,
  );
  // A tenth of a minute is as far as a scheduler's clock goes; hours are shown without a tail of digits.
  const shown = Number.isNaN(composed.minutes) ? Number.NaN : Number((composed.minutes / perUnit).toFixed(2));
  return (
    <Field label={t("time.label")} problems={problems.of("minutes")} hint={t("time.hint")}>
      <div className="flex flex-wrap items-center gap-2">
        <div className="w-24">
          <Input
            type="number"
            inputMode="decimal"
            min={0}
            step="any"
            value={shownNumber(shown)}
            onChange={(event) => set("minutes", Math.round(readNumber(event.target.value) * perUnit))}
          />
        </div>
        {/* The unit has a label of its own; the field's names the number. */}
        <OutsideField>
          <UnitSelect
            value={unit}
            onChange={setUnit}
            label={t("time.unit")}
            options={{ hours: t("time.hours"), minutes: t("time.minutes") }}
          />
        </OutsideField>
        <div className="flex flex-wrap gap-1 sm:ml-2">
          {usual
            .filter((minutes) => minutes <= longest)
            .map((minutes) => (
              <Button
                key={minutes}
                look="quiet"
                size="sm"
                aria-pressed={composed.minutes === minutes}
                className="aria-pressed:bg-accent-soft aria-pressed:text-accent forced-colors:aria-pressed:outline-2 max-sm:h-9 max-sm:px-3"
                onClick={() => set("minutes", minutes)}
              >
                {formatMinutes(minutes)}
              </Button>
            ))}
        </div>
      </div>
    </Field>
  );
}

type UnitProps = {
  value: "hours" | "minutes";
  onChange: (unit: "hours" | "minutes") => void;
  label: string;
  options: Record<"hours" | "minutes", string>;
};

function UnitSelect({ value, onChange, label, options }: UnitProps) {
  return (
    <Select
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value === "minutes" ? "minutes" : "hours")}
      className="w-28"
    >
      <option value="hours">{options.hours}</option>
      <option value="minutes">{options.minutes}</option>
    </Select>
  );
}
