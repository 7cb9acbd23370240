// Files as the API speaks of them. Browser and server.
import { z } from "zod";
import { fileName, filePath } from "@/lib/files/names/schema";

const cluster = z.string().max(32);
export const onPath = z.object({ cluster, path: filePath });

export const fileType = z.enum(["file", "folder", "link", "fifo", "socket", "device", "unknown"]);
export type FileType = z.infer<typeof fileType>;

export const fileEntry = z.object({
  type: fileType,
  name: z.string().describe("For people: broken bytes as U+FFFD, control characters as signs"),
  path: z.string().describe("For the API"),
  size: z.number(),
  mode: z.string().describe("Four octal digits"),
  owner: z.string(),
  group: z.string(),
  modifiedAt: z.iso.datetime(),
  /** Of a link: where it points, for people, and what is there. */
  target: z.object({ text: z.string(), type: fileType.nullable().describe("null: nothing is there") }).nullable(),
});
export type FileEntry = z.infer<typeof fileEntry>;

/** Room in a file system or under a quota, in bytes; null where nobody says. */
const space = z.object({ usedBytes: z.number(), limitBytes: z.number() });

/** First line of a listing. */
export const folderHead = z.object({
  kind: z.literal("folder"),
  path: z.string().describe("The real one, with no link in it"),
  name: z.string(),
  root: z.string().describe("The root that it is in, as a path"),
  mode: z.string(),
  owner: z.string(),
  group: z.string(),
  writable: z.boolean(),
});
export type FolderHead = z.infer<typeof folderHead>;

export const folderSpace = z.object({
  kind: z.literal("space"),
  fileSystem: space.nullable().describe("Of everybody"),
  quota: space.nullable().describe("Of this person, where `quota` says"),
});
export type FolderSpace = z.infer<typeof folderSpace>;

/**
 * A line of a listing. `entries` come in batches and in no order; `end` is after the last of them, and without it something broke
 * off. `space` comes after it: what says how much room there is may take long to answer, or never.
 */
export const listingLine = z.discriminatedUnion("kind", [
  folderHead,
  z.object({ kind: z.literal("entries"), entries: z.array(fileEntry) }),
  z.object({ kind: z.literal("end"), count: z.number(), words: z.string().nullable() }),
  folderSpace,
]);
export type ListingLine = z.infer<typeof listingLine>;

export const fileRoot = z.object({ title: z.string(), path: z.string(), name: z.string(), writable: z.boolean() });
export type FileRoot = z.infer<typeof fileRoot>;

export const fileRoots = z.object({
  items: z.array(fileRoot),
  nextCursor: z.string().nullable(),
  trash: z.boolean().describe("false: this portal deletes for good only"),
});
export type FileRoots = z.infer<typeof fileRoots>;

/** A text for the editor. */
export const fileText = z.object({
  path: z.string().describe("The real one"),
  text: z.string(),
  encoding: z.enum(["utf-8", "latin-1", "binary"]).describe("binary: `text` is empty"),
  bom: z.boolean(),
  lineEnds: z.enum(["lf", "crlf", "mixed"]),
  size: z.number(),
  truncated: z.boolean().describe("Longer than 1 MiB: the rest is not here, and it cannot be edited"),
  etag: z.string().describe("For If-Match when it is saved"),
  mode: z.string(),
  writable: z.boolean(),
  modifiedAt: z.iso.datetime(),
});
export type FileText = z.infer<typeof fileText>;

export const savedFile = z.object({ path: z.string(), size: z.number(), etag: z.string() });
export type SavedFile = z.infer<typeof savedFile>;

/** The fields of a form that asks for an archive; `path` again and again. */
export const archiveForm = z.object({
  cluster,
  path: z.array(filePath).min(1, "Choose what to take."),
  format: z.enum(["zip", "tar"]).default("zip"),
});

const paths = z.array(filePath).min(1).max(1000);
const overwrite = z.boolean().default(false).describe("Replace files of that name; folders are never replaced");
const confirm = z
  .boolean()
  .default(false)
  .describe("The name, or that of a folder on the way to it, may begin with a dot");

export const fileAction = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("folder"), cluster, path: filePath, confirm }),
  z.strictObject({ action: z.literal("file"), cluster, path: filePath, confirm }),
  z.strictObject({ action: z.literal("rename"), cluster, path: filePath, name: fileName, overwrite, confirm }),
  z.strictObject({ action: z.literal("move"), cluster, paths, to: filePath, overwrite, confirm }),
  z.strictObject({
    action: z.literal("copy"),
    cluster,
    paths,
    to: filePath,
    toCluster: cluster.optional(),
    overwrite,
    confirm,
  }),
  z.strictObject({
    action: z.literal("delete"),
    cluster,
    paths,
    permanent: z.boolean().default(false).describe("Not into the trash; needed where there is none"),
  }),
  z.strictObject({
    action: z.literal("mode"),
    cluster,
    paths,
    mode: z.string().regex(/^[0-7]{3,4}$/, "Three or four octal digits."),
    recursive: z.boolean().default(false),
  }),
  z.strictObject({ action: z.literal("extract"), cluster, path: filePath, to: filePath.optional(), confirm }),
  z.strictObject({
    action: z.literal("restore"),
    cluster,
    items: z
      .array(z.string().regex(/^[0-9a-f-]{1,60}$/))
      .min(1)
      .max(1000),
  }),
  z.strictObject({
    action: z.literal("empty-trash"),
    cluster,
    items: z
      .array(z.string().regex(/^[0-9a-f-]{1,60}$/))
      .max(1000)
      .optional(),
  }),
]);
export type FileAction = z.infer<typeof fileAction>;

/** A line of an action's answer. One `done` or `failed` per path, `progress` in between, `end` last: without it something broke off. */
export const actionLine = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("progress"),
    path: z.string(),
    bytes: z.number(),
    totalBytes: z.number().nullable(),
    files: z.number(),
  }),
  z.object({
    kind: z.literal("done"),
    path: z.string(),
    to: z.string().nullable().describe("Where it is now, also in the trash"),
  }),
  z.object({
    kind: z.literal("failed"),
    path: z.string(),
    code: z.string().describe("conflict: with `overwrite` it can be replaced"),
    detail: z.string(),
    words: z.string().nullable().describe("What the program on the cluster said, verbatim"),
  }),
  z.object({ kind: z.literal("end"), done: z.number(), failed: z.number() }),
]);
export type ActionLine = z.infer<typeof actionLine>;

export const trashItem = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string().describe("Where it was"),
  type: fileType,
  size: z.number(),
  deletedAt: z.iso.datetime(),
});
export type TrashItem = z.infer<typeof trashItem>;

export const uploadId = z.string().regex(/^[0-9a-f]{32}$/);

export const uploadView = z.object({
  id: uploadId,
  cluster: z.string(),
  folder: z.string(),
  name: z.string().describe("For people"),
  path: z.string().describe("Where it will be"),
  size: z.number(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().describe("Given up when nothing comes until then"),
});
export type UploadView = z.infer<typeof uploadView>;

/** Of a tar of files. `left` names those that were not placed, below the folder. */
export const uploadedBatch = z.object({
  placed: z.number(),
  bytes: z.number().describe("Of all files in the tar"),
  left: z.array(
    z.object({
      path: z.string(),
      why: z
        .enum(["exists", "other"])
        .describe("exists: a file of that name can be replaced. other: send it as one upload to learn why"),
    }),
  ),
});
export type UploadedBatch = z.infer<typeof uploadedBatch>;
