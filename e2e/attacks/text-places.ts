// Every place where a person can enter text, read from the table of endpoints: a field that is added there is attacked
// without anybody thinking of it. A kind of schema that is not known here is an error, not a gap.
import { z } from "zod";
import { bodies, formsOf } from "@/e2e/attacks/well-formed";
import { type Endpoint, type EndpointName, endpoints } from "@/lib/endpoints";

type Put = (base: unknown, text: string) => unknown;
/** `isFree`: takes text, not a number or one of a few words. */
type Leaf = { name: string; put: Put; isFree: boolean };

export type TextPlace = {
  endpoint: EndpointName;
  part: "params" | "query" | "body" | "header" | "unknown query" | "unknown field";
  name: string;
  isFree: boolean;
  /** What to send, which is otherwise well formed. */
  body: (text: string) => unknown;
};

const isValue = new Set(["string", "enum", "literal", "number", "int", "boolean", "date", "bigint"]);

const members = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

/** The literals of an object: they choose its branch of a union. */
function literals(shape: Record<string, z.core.$ZodType>): Record<string, unknown> {
  const fixed = Object.entries(shape).flatMap(([key, { _zod }]) => {
    const { def } = _zod as z.core.$ZodTypes["_zod"]; // The same internals, with their kinds told apart.
    return def.type === "literal" ? [[key, def.values[0]] as const] : [];
  });
  return Object.fromEntries(fixed);
}

const under = (parent: string, leaf: Leaf, put: Put): Leaf => ({
  ...leaf,
  name: `${parent}${leaf.name && `.${leaf.name}`}`,
  put,
});

function ofObject(shape: Record<string, z.core.$ZodType>): Leaf[] {
  const fixed = literals(shape);
  return Object.entries(shape).flatMap(([key, inner]) =>
    leaves(inner).map((leaf) =>
      under(key, leaf, (base, text) => ({ ...fixed, ...members(base), [key]: leaf.put(members(base)[key], text) })),
    ),
  );
}

function ofRecord(value: z.core.$ZodType): Leaf[] {
  const first = (base: unknown) => Object.entries(members(base))[0] ?? ["a", "b"];
  const values = leaves(value).map((leaf) =>
    under("(value)", leaf, (base, text) => ({ [first(base)[0]]: leaf.put(first(base)[1], text) })),
  );
  return [{ name: "(name)", isFree: true, put: (base, text) => ({ [text]: first(base)[1] }) }, ...values];
}

/** One of each name; of a text or a number, the text. */
const distinct = (found: Leaf[]): Leaf[] => {
  const freeLast = found.toSorted((one, other) => Number(one.isFree) - Number(other.isFree));
  return [...new Map(freeLast.map((leaf) => [leaf.name, leaf])).values()];
};

function leaves(schema: z.core.$ZodType): Leaf[] {
  const { def } = schema._zod as z.core.$ZodTypes["_zod"]; // As above.
  if (isValue.has(def.type)) return [{ name: "", isFree: def.type === "string", put: (_base, text) => text }];
  switch (def.type) {
    case "object":
      return ofObject(def.shape);
    case "record":
      return ofRecord(def.valueType);
    case "array":
      return leaves(def.element).map((leaf) => under("[]", leaf, (_base, text) => [leaf.put(undefined, text)]));
    case "union":
      return distinct(def.options.flatMap(leaves));
    case "pipe":
      return leaves(def.in);
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "readonly":
    case "nonoptional":
    case "catch":
      return leaves(def.innerType);
    default:
      throw new Error(`Teach e2e/attacks/text-places.ts where text can be in a ${def.type}.`);
  }
}

/** Of a body that can have one of several forms, the fields of each: a field of one is no field of the next. */
function ofBody(name: EndpointName, schema: z.core.$ZodType): Pick<TextPlace, "name" | "isFree" | "body">[] {
  const { def } = schema._zod as z.core.$ZodTypes["_zod"]; // As above.
  const options = def.type === "union" ? def.options : [schema];
  return options.flatMap((option, index) => {
    const base = formsOf(name).find((form) => z.core.safeParse(option, form).success);
    if (base === undefined) throw new Error(`well-formed.ts has no body of form ${index} for ${name}.`);
    const { def: form } = option._zod as z.core.$ZodTypes["_zod"]; // As above.
    const [kind] = options.length > 1 && form.type === "object" ? Object.values(literals(form.shape)) : [];
    return leaves(option).map((leaf) => ({
      ...leaf,
      name: kind === undefined ? leaf.name : `${kind}.${leaf.name}`,
      body: (text: string) => leaf.put(base, text),
    }));
  });
}

function placesOf(name: EndpointName): TextPlace[] {
  const endpoint = endpoints[name] as Endpoint; // Of many types; only what they share is read.
  const body = () => bodies[name];
  const inAddress = (["params", "query"] as const).flatMap((part) => {
    const schema = endpoint[part];
    return schema ? leaves(schema).map((leaf) => ({ ...leaf, endpoint: name, part, body })) : [];
  });
  const inBody = endpoint.body ? ofBody(name, endpoint.body) : [];
  const headers = Object.keys(endpoint.headers ?? {}).map((header) => ({
    part: "header" as const,
    name: header,
    isFree: true,
  }));
  const query = { part: "unknown query" as const, name: "", isFree: false };
  const field = { part: "unknown field" as const, name: "", isFree: false };
  const withField = { ...field, body: (text: string) => ({ ...members(bodies[name]), [text]: text }) };
  const hasNoBody = endpoint.method === "GET" || endpoint.method === "HEAD";
  return [
    ...inAddress,
    ...inBody.map((place) => ({ endpoint: name, part: "body" as const, ...place })),
    ...[...headers, query].map((other) => ({ endpoint: name, ...other, body })),
    ...(hasNoBody ? [] : [{ endpoint: name, ...withField }]),
  ];
}

// Object.keys forgets the names.
export const textPlaces: TextPlace[] = (Object.keys(endpoints) as EndpointName[]).flatMap(placesOf);
