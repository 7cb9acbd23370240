"use client";
// GPUs, cores, memory and time: the four amounts every request has.
import { useTranslations } from "next-intl";
import { AmountField, readNumber, shownNumber } from "@/components/requests/amount-field";
import { useComposer } from "@/components/requests/place";
import { TimeField } from "@/components/requests/time-field";
import { gpuLabel } from "@/components/sessions/describe";
import { Field, Input, OutsideField, Select } from "@/components/ui/field";
import { nodeMemoryGiB } from "@/lib/policy/rules";
import { count, formatGiB } from "@/lib/units";

export function ResourceFields() {
  const t = useTranslations("requests");
  const { template, partition, composed } = useComposer();
  const { cpus, memoryGiB, gpus } = template.resources;
  const nodeCores = partition?.cpusPerNode ?? Number.POSITIVE_INFINITY;
  const nodeMemory = partition ? nodeMemoryGiB(partition) : Number.POSITIVE_INFINITY;
  // A link may ask for GPUs where there are none: then the field stays, with what is wrong about it.
  const offersGpus = (gpus && (partition?.gpus.length ?? 0) > 0) || composed.gpus > 0 || composed.gpus < 0;
  // Without a partition nothing is known of nodes: then no hint is better than a wrong one.
  const perNode = partition !== undefined;
  return (
    <>
      {offersGpus ? <GpuFields /> : null}
      <AmountField
        name="cpus"
        label={t("cores.label")}
        unit={t("cores.unit", { count: composed.cpus || 0 })}
        min={cpus.min ?? 1}
        max={Math.min(nodeCores, cpus.max ?? 64)}
        format={(value) => count(value, "core")}
        hint={perNode ? t("cores.hint", { count: nodeCores, partition: partition.name }) : null}
      />
      <AmountField
        name="memoryGiB"
        label={t("memory.label")}
        unit="GiB"
        min={memoryGiB.min ?? 0.5}
        max={Math.min(Math.floor(nodeMemory), memoryGiB.max ?? 512)}
        format={formatGiB}
        hint={perNode ? t("memory.hint", { memory: formatGiB(nodeMemory), partition: partition.name }) : null}
      />
      <TimeField />
    </>
  );
}

function GpuFields() {
  const t = useTranslations("requests");
  const { composed, partition, problems, set } = useComposer();
  const kinds = partition?.gpus ?? [];
  const isUnknown = composed.gpuType !== "" && !kinds.some(({ type }) => type === composed.gpuType);
  const words = (kind: (typeof kinds)[number]) =>
    t("gpus.kind", { type: gpuLabel(kind.type), free: kind.free, total: kind.total });
  return (
    <Field label={t("gpus.label")} problems={[...problems.of("gpus"), ...problems.of("gpuType")]}>
      <div className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-4 max-sm:grid-cols-[7.5rem_minmax(0,1fr)]">
        <Input
          type="number"
          inputMode="numeric"
          min={0}
          max={Math.max(0, ...kinds.map((kind) => kind.perNode))}
          value={shownNumber(composed.gpus)}
          onChange={(event) => set("gpus", readNumber(event.target.value))}
        />
        <OutsideField>
          <Select
            aria-label={t("gpus.type")}
            value={composed.gpuType}
            onChange={(event) => {
              set("gpuType", event.target.value);
              // A type of no GPU would be no wish: one, which the field beside it shows.
              if (event.target.value && !(composed.gpus > 0)) set("gpus", 1);
            }}
          >
            <option value="">{t("gpus.any")}</option>
            {/* A link may name one that is not here: it stays visible, with what is wrong about it. */}
            {isUnknown ? <option value={composed.gpuType}>{gpuLabel(composed.gpuType)}</option> : null}
            {kinds.map((kind) => (
              <option key={kind.type} value={kind.type}>
                {words(kind)}
              </option>
            ))}
          </Select>
        </OutsideField>
      </div>
    </Field>
  );
}
