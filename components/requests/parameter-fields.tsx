"use client";
// The template's own parameters, each as its kind of field.
import { useTranslations } from "next-intl";
import { readNumber, shownNumber } from "@/components/requests/amount-field";
import { useComposer } from "@/components/requests/place";
import { Field, Input, Problems, Select } from "@/components/ui/field";
import type { TemplateParameter } from "@/lib/templates/schema";

export function ParameterFields() {
  const { template } = useComposer();
  return template.parameters.map((parameter) => <ParameterField key={parameter.name} parameter={parameter} />);
}

function ParameterField({ parameter }: { parameter: TemplateParameter }) {
  const t = useTranslations("requests");
  const { composed, problems, set } = useComposer();
  const { name, label, help, kind, required } = parameter;
  const value = composed.parameters[name];
  // All parameters are one value of the form, so that a template may name them as it likes.
  const change = (next: string | number | boolean) => set("parameters", { ...composed.parameters, [name]: next });
  const found = problems.of(`parameters.${name}`);
  if (kind === "switch")
    return (
      <div className="grid gap-1">
        <label className="flex items-center gap-2.5 text-sm font-semibold">
          <input
            type="checkbox"
            checked={value === true}
            onChange={(event) => change(event.target.checked)}
            className="size-4.5"
          />
          {label}
        </label>
        {help ? <p className="pl-7 text-sm text-ink3">{help}</p> : null}
        <Problems problems={found} />
      </div>
    );
  return (
    <Field label={label} hint={help} problems={found} optional={required ? undefined : t("optional")}>
      {kind === "choice" ? (
        <Select value={String(value ?? "")} onChange={(event) => change(event.target.value)}>
          {/* What must be chosen, and is, cannot be taken back: the empty line is for those who have yet to choose. */}
          {required && value !== "" ? null : <option value="">{t("noChoice")}</option>}
          {/* A link may name one that is not offered any more: it stays visible, with what is wrong about it. */}
          {value && !parameter.choices?.some((choice) => choice.value === value) ? (
            <option value={String(value)}>{String(value)}</option>
          ) : null}
          {parameter.choices?.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </Select>
      ) : (
        <Input
          required={required}
          type={kind === "number" ? "number" : "text"}
          maxLength={parameter.maxLength}
          min={parameter.min}
          max={parameter.max}
          className={kind === "path" ? "font-mono" : undefined}
          value={typeof value === "number" ? shownNumber(value) : String(value ?? "")}
          onChange={(event) => change(kind === "number" ? readNumber(event.target.value) : event.target.value)}
        />
      )}
    </Field>
  );
}
