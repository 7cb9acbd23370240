// The manifest of a session template: templates/<name>/template.yaml. Data a site edits; the script beside it is a constant.
import { z } from "zod";

export const templateName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, "Use lower-case letters, digits and dashes, starting with a letter.");

/** No control characters and no line or paragraph separators: such text could forge lines wherever it is printed. */
export const plainText = (max: number) =>
  z
    .string()
    .max(max, `At most ${max} characters.`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the purpose.
    .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, "Control characters and line breaks are not allowed.")
    .refine((text) => text.isWellFormed(), "The text is not valid Unicode.");

const parameterFields = z.strictObject({
  /** Becomes BERTH_PARAM_<NAME> in the job. */
  name: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
  label: plainText(80),
  help: plainText(300).optional(),
  kind: z.enum(["text", "path", "number", "choice", "switch"]),
  required: z.boolean().default(false),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  choices: z.array(z.strictObject({ value: plainText(80), label: plainText(80) })).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  maxLength: z.number().int().positive().max(4096).default(1024),
});

type ParameterFields = z.infer<typeof parameterFields>;

/** Why nobody could send this parameter's default, or null. */
function mistakeOfDefault({ kind, default: value, choices, min, max }: ParameterFields): string | null {
  if (value === undefined) return null;
  const wanted = kind === "number" ? "number" : kind === "switch" ? "boolean" : "string";
  if (typeof value !== wanted) return `A ${kind} needs a ${wanted} as its default.`;
  if (kind === "choice" && value !== "" && !choices?.some((choice) => choice.value === value))
    return "The default is none of the choices.";
  if (typeof value === "number" && (value < (min ?? value) || value > (max ?? value)))
    return "The default is not between min and max.";
  return null;
}

const parameter = parameterFields.superRefine((given, context) => {
  const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
  const { kind, choices, min, max } = given;
  if (kind === "choice" && !choices?.length) refuse("choices", "A choice needs choices.");
  if (min !== undefined && max !== undefined && min > max) refuse("min", "min is more than max.");
  const mistake = mistakeOfDefault(given);
  if (mistake) refuse("default", mistake);
});

const resource = (fallback: number, max: number, amount = z.number().positive()) =>
  z
    .strictObject({ default: amount, min: amount.optional(), max: amount.optional() })
    .refine(({ default: value, min = value, max: most = value }) => min <= value && value <= most, {
      message: "The default is not between min and max.",
      path: ["default"],
    })
    .default({ default: fallback, max });

const whole = z.number().int("Whole numbers only.").positive();

export const templateManifest = z.strictObject({
  name: templateName,
  title: plainText(60),
  summary: plainText(160),
  version: z.string().regex(/^[0-9]+(\.[0-9]+){0,2}$/),
  /** app: the app itself verifies the secret; door: ours does, in front of it. */
  auth: z.enum(["app", "door"]),
  /** How the gateway hands the secret to an `auth: app` app: a header, `{secret}` is replaced. */
  secretHeader: z
    .strictObject({ name: z.string().regex(/^[A-Za-z-]+$/), value: z.string().includes("{secret}") })
    .optional(),
  /** What the door forwards to: a Unix socket in the session directory (safe on shared nodes) or a loopback port. */
  upstream: z.enum(["socket", "loopback"]).default("socket"),
  /** Asked through the gateway's own way until it answers below 500. */
  health: z
    .strictObject({
      path: z.string().startsWith("/").default("/"),
      timeoutSeconds: z.number().int().min(5).max(3600).default(120),
    })
    .prefault({}),
  /** First page to open. */
  open: z.string().startsWith("/").default("/"),
  /** Programs the host (or the chosen modules) must have: any one of each list. */
  needs: z
    .array(z.strictObject({ anyOf: z.array(z.string().regex(/^[A-Za-z0-9_.+-]+$/)).min(1), hint: plainText(200) }))
    .default([]),
  software: z
    .array(z.enum(["host", "modules", "image"]))
    .min(1)
    .refine((kinds) => kinds.some((kind) => kind !== "image"), "Images are not offered yet: add host or modules.")
    .default(["host"]),
  resources: z
    .strictObject({
      cpus: resource(1, 64, whole),
      memoryGiB: resource(2, 512),
      minutes: resource(60, 1440, whole),
      gpus: z.boolean().default(true),
      nodes: z.boolean().default(false),
    })
    .prefault({}),
  /** May be extended to this many times the asked time. */
  extendFactor: z.number().min(1).max(10).default(2),
  parameters: z
    .array(parameter)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "Two parameters have the same name.")
    .default([]),
});

export type TemplateManifest = z.infer<typeof templateManifest>;
export type TemplateParameter = z.infer<typeof parameter>;

/** What probing a cluster found: a template is usable there, or the words say what is missing and what to do. */
export const templateAvailability = z.object({
  cluster: z.string(),
  available: z.boolean().nullable().describe("null: not probed yet"),
  missing: z.string().nullable().describe("What was not found, for example 'jupyter not found'"),
  hint: z.string().nullable().describe("What to do about it"),
  modules: z
    .boolean()
    .describe("It may be launched there with environment modules, also where the host lacks something"),
  found: z.record(z.string(), z.string()).describe("Program -> path on the cluster"),
});

export const templateView = templateManifest
  .pick({
    name: true,
    title: true,
    summary: true,
    version: true,
    auth: true,
    upstream: true,
    software: true,
    resources: true,
    extendFactor: true,
    parameters: true,
  })
  .extend({
    version: z.string().describe("The author's version and a hash of what would run"),
    icon: z.string().describe("Path of the icon's image"),
    clusters: z.array(templateAvailability),
  });
export type TemplateView = z.infer<typeof templateView>;
