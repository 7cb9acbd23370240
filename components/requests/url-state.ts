// A request as the composer edits it, as a link carries it, and as the API takes it. Pure, and the same both ways:
// whoever gets the link sees the same form.
import type { ResourceRequest } from "@/lib/sessions/schema";

export type ParameterValue = string | number | boolean;

/** Text fields are "" and numbers NaN while empty: what the person sees, not yet what is sent. */
export type Composed = {
  name: string;
  cluster: string;
  partition: string;
  account: string;
  qos: string;
  reservation: string;
  constraint: string;
  workdir: string;
  nodes: number;
  cpus: number;
  memoryGiB: number;
  gpus: number;
  gpuType: string;
  scratchGiB: number;
  minutes: number;
  software: "host" | "modules" | "image";
  modules: string[];
  image: string;
  parameters: Record<string, ParameterValue>;
};

const texts = [
  "name",
  "cluster",
  "partition",
  "account",
  "qos",
  "reservation",
  "constraint",
  "workdir",
  "gpuType",
  "image",
] as const;
const numbers = ["nodes", "cpus", "memoryGiB", "gpus", "scratchGiB", "minutes"] as const;
// Templates name parameters as they like: a prefix keeps them apart from the form's own.
const parameterPrefix = "p.";

/** What the link says differently from `fallback`; unknown names and unreadable numbers are passed over. */
export function fromSearch(search: URLSearchParams, fallback: Composed): Composed {
  const composed: Composed = { ...fallback, parameters: { ...fallback.parameters } };
  for (const field of texts) composed[field] = search.get(field) ?? fallback[field];
  for (const field of numbers) composed[field] = readNumber(search.get(field)) ?? fallback[field];
  const modules = search.get("modules");
  const software = search.get("software");
  if (modules) Object.assign(composed, { software: "modules", modules: modules.split(",").filter(Boolean) });
  if (software === "host" || software === "modules" || software === "image") composed.software = software;
  for (const [key, text] of search) {
    const name = key.startsWith(parameterPrefix) ? key.slice(parameterPrefix.length) : "";
    if (Object.hasOwn(fallback.parameters, name))
      composed.parameters[name] = readParameter(text, fallback.parameters[name]);
  }
  return composed;
}

function readNumber(text: string | null): number | null {
  const value = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/** A parameter keeps the kind that its default has. */
function readParameter(text: string, fallback: ParameterValue | undefined): ParameterValue {
  if (typeof fallback === "boolean") return text === "true";
  if (typeof fallback === "number") return text === "" ? Number.NaN : (readNumber(text) ?? fallback);
  return text;
}

/** The link for a composed request: everything that is set, so that a changed default does not change the link. */
export function toSearch(composed: Composed): URLSearchParams {
  return requestSearch(toRequest("", composed));
}

/** The link that composes an earlier request again, with some of it `changed`. */
export function requestSearch(request: ResourceRequest, changed: Partial<ResourceRequest> = {}): URLSearchParams {
  const { template: _, software, parameters = {}, ...plain } = { ...request, ...changed };
  const search = new URLSearchParams();
  for (const [field, value] of Object.entries(plain)) if (value !== undefined) search.set(field, String(value));
  // The scheduler's choice is a choice as well: left out, it would mean the person's default account.
  if (plain.account === undefined) search.set("account", "");
  if (software) search.set("software", software.kind);
  if (software?.kind === "modules") search.set("modules", software.modules.join(","));
  if (software?.kind === "image") search.set("image", software.image);
  for (const [name, value] of Object.entries(parameters)) search.set(parameterPrefix + name, String(value));
  return search;
}

/**
 * What POST /api/sessions takes: nothing empty is sent but parameters of a template. Other numbers may still be NaN:
 * `emptyNumbers` says which.
 */
export function toRequest(template: string, composed: Composed): ResourceRequest {
  const text = (value: string) => value.trim() || undefined;
  // Less than none is no wish that anybody has: sent as it is, its field says so.
  const some = (value: number) => (Number.isNaN(value) || value === 0 ? undefined : value);
  const gpus = some(composed.gpus);
  // A type without a number would ask for one GPU behind the person's back.
  const gpuType = gpus === undefined ? undefined : text(composed.gpuType);
  // What is empty is sent as such: left out, it would mean the template's default.
  const parameters = Object.entries(composed.parameters).map(([name, value]) => [
    name,
    Number.isNaN(value) ? "" : value,
  ]);
  return dropUndefined({
    template,
    cluster: composed.cluster,
    name: text(composed.name),
    partition: text(composed.partition),
    account: text(composed.account),
    qos: text(composed.qos),
    reservation: text(composed.reservation),
    constraint: text(composed.constraint),
    workdir: text(composed.workdir),
    nodes: Number.isNaN(composed.nodes) || composed.nodes === 1 ? undefined : composed.nodes,
    cpus: composed.cpus,
    memoryGiB: composed.memoryGiB,
    gpus,
    gpuType,
    scratchGiB: some(composed.scratchGiB),
    minutes: composed.minutes,
    software: softwareOf(composed),
    parameters: parameters.length > 0 ? Object.fromEntries(parameters) : undefined,
  });
}

function softwareOf({ software, modules, image }: Composed): ResourceRequest["software"] {
  if (software === "modules") return { kind: "modules", modules };
  return software === "image" ? { kind: "image", image: image.trim() } : { kind: "host" };
}

/** The three numbers a request cannot do without, where one is not typed yet. */
export const emptyNumbers = (composed: Composed): ("cpus" | "memoryGiB" | "minutes")[] =>
  (["cpus", "memoryGiB", "minutes"] as const).filter((field) => !Number.isFinite(composed[field]));

/** Without keys whose value is undefined: the JSON is the same, and so are two objects that mean the same. */
function dropUndefined<T extends object>(value: T): T {
  const kept = Object.entries(value).filter(([, entry]) => entry !== undefined);
  // Only keys whose value is undefined are gone, and those are optional.
  return Object.fromEntries(kept) as T;
}
