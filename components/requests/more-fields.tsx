"use client";
// What most requests leave alone. Opens by itself when something in it is wrong or was set by a link; an account alone is in the summary.
import { ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { readNumber, shownNumber } from "@/components/requests/amount-field";
import { useComposer } from "@/components/requests/place";
import { Field, Input, Select, UnitInput } from "@/components/ui/field";

const hidden = ["account", "qos", "reservation", "constraint", "nodes", "scratchGiB", "workdir"] as const;

export function MoreFields() {
  const t = useTranslations("requests");
  const { cluster, template, composed, problems } = useComposer();
  const { qos, reservation, constraint, workdir, scratchGiB, nodes } = composed;
  const [open, setOpen] = useState(Boolean(qos || reservation || constraint || workdir || scratchGiB > 0 || nodes > 1));
  const wrong = hidden.some((field) => problems.of(field).length > 0);
  return (
    <>
      <TextField name="name" placeholder={t("name.placeholder")} />
      <details
        open={open || wrong}
        onToggle={(event) => setOpen(event.currentTarget.open)}
        className="group border-line border-t pt-4"
      >
        <summary className="flex list-none items-center gap-2 text-sm text-ink2 hover:text-ink">
          <ChevronRight aria-hidden className="size-4 shrink-0 transition-transform group-open:rotate-90" />
          <span className="shrink-0 font-semibold">{t("more.label")}</span>
          <span className="text-ink3">{t("more.list")}</span>
        </summary>
        <div className="grid gap-5 pt-5 sm:grid-cols-2">
          <ListField name="account" values={cluster?.me.accounts ?? []} />
          <ListField name="qos" values={cluster?.me.qos ?? []} />
          <TextField name="reservation" />
          <TextField name="constraint" placeholder={t("constraint.placeholder")} />
          <ScratchField />
          {template.resources.nodes ? <NodesField /> : null}
          <TextField name="workdir" placeholder="~/" mono />
        </div>
      </details>
    </>
  );
}

type TextName = "name" | "account" | "qos" | "reservation" | "constraint" | "workdir";

function TextField({ name, placeholder, mono = false }: { name: TextName; placeholder?: string; mono?: boolean }) {
  const t = useTranslations("requests");
  const { composed, problems, set } = useComposer();
  return (
    <Field label={t(`${name}.label`)} problems={problems.of(name)} optional={t("optional")}>
      <Input
        value={composed[name]}
        placeholder={placeholder}
        maxLength={name === "name" ? 80 : undefined}
        className={mono ? "font-mono" : undefined}
        onChange={(event) => set(name, event.target.value)}
      />
    </Field>
  );
}

/** A list where the scheduler gave one, a text where it knows none. */
function ListField({ name, values }: { name: "account" | "qos"; values: string[] }) {
  const t = useTranslations("requests");
  const { composed, problems, set } = useComposer();
  if (values.length === 0) return <TextField name={name} />;
  // A link may name one that the scheduler does not list: it stays visible, with what is wrong about it.
  const all = composed[name] && !values.includes(composed[name]) ? [...values, composed[name]] : values;
  return (
    <Field label={t(`${name}.label`)} problems={problems.of(name)}>
      <Select value={composed[name]} onChange={(event) => set(name, event.target.value)}>
        <option value="">{t("schedulersChoice")}</option>
        {all.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function ScratchField() {
  const t = useTranslations("requests");
  const { composed, problems, set } = useComposer();
  return (
    <Field
      label={t("scratch.label")}
      problems={problems.of("scratchGiB")}
      optional={t("optional")}
      hint={t("scratch.hint")}
    >
      <UnitInput
        type="number"
        min={0}
        step="any"
        unit="GiB"
        value={shownNumber(composed.scratchGiB)}
        onChange={(event) => set("scratchGiB", readNumber(event.target.value))}
      />
    </Field>
  );
}

function NodesField() {
  const t = useTranslations("requests");
  const { composed, problems, set } = useComposer();
  return (
    <Field label={t("nodes.label")} problems={problems.of("nodes")}>
      <Input
        type="number"
        min={1}
        value={shownNumber(composed.nodes)}
        onChange={(event) => set("nodes", readNumber(event.target.value))}
      />
    </Field>
  );
}
