// What the composer starts with: the template's defaults at the best place this person has.
import { shownPartitions } from "@/components/clusters/shown-partitions";
import type { Composed, ParameterValue } from "@/components/requests/url-state";
import type { ClusterView, PartitionView } from "@/lib/clusters/schema";
import type { TemplateParameter, TemplateView } from "@/lib/templates/schema";

/** Whether the template can run there as far as anybody knows. */
export const availableOn = (template: Pick<TemplateView, "clusters">, cluster: string) =>
  template.clusters.find((entry) => entry.cluster === cluster) ?? null;

/** What the template takes its software from there; null where nothing it knows is offered. */
export function softwareOn(
  template: Pick<TemplateView, "clusters" | "software">,
  cluster: Pick<ClusterView, "name" | "modules">,
): Composed["software"] | null {
  const lacks = availableOn(template, cluster.name)?.available === false;
  // What the nodes lack may be in the modules.
  const offered = { host: !lacks, modules: cluster.modules, image: false };
  return template.software.find((kind) => offered[kind]) ?? null;
}

function usable(template: TemplateView, cluster: ClusterView): boolean {
  return cluster.up && cluster.me.admitted && softwareOn(template, cluster) !== null;
}

/** Null when the scheduler's own default is not known: then none is named. */
export function defaultPartition(cluster: ClusterView | undefined): PartitionView | null {
  const partitions = cluster?.partitions ?? [];
  return partitions.find((entry) => entry.isDefault) ?? shownPartitions(partitions)[0] ?? null;
}

/** What belongs to a cluster and changes with it. */
export const placeOn = (cluster: ClusterView | undefined) => ({
  cluster: cluster?.name ?? "",
  partition: defaultPartition(cluster)?.name ?? "",
  account: cluster?.me.defaultAccount ?? "",
  qos: "",
});

function emptyParameter({ kind, default: given }: TemplateParameter): ParameterValue {
  if (given !== undefined) return given;
  return kind === "switch" ? false : kind === "number" ? Number.NaN : "";
}

/** `wanted` is the cluster a link names, if it exists. */
export function defaultsFor(template: TemplateView, clusters: ClusterView[], wanted: string | null): Composed {
  const named = clusters.find((cluster) => cluster.name === wanted);
  // A link's cluster wins even when it is down: the form then says so, instead of quietly choosing another.
  const place = named ?? clusters.find((cluster) => usable(template, cluster)) ?? clusters[0];
  const { cpus, memoryGiB, minutes } = template.resources;
  return {
    ...placeOn(place),
    name: "",
    reservation: "",
    constraint: "",
    workdir: "",
    nodes: 1,
    cpus: cpus.default,
    memoryGiB: memoryGiB.default,
    gpus: 0,
    gpuType: "",
    scratchGiB: Number.NaN,
    minutes: minutes.default,
    software: (place && softwareOn(template, place)) ?? template.software[0] ?? "host",
    modules: [],
    image: "",
    parameters: Object.fromEntries(template.parameters.map((entry) => [entry.name, emptyParameter(entry)])),
  };
}
