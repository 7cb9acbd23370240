// The API's part that is about files.
import { z } from "zod";
import { endpoint, list } from "@/lib/endpoint";
import { filePath } from "@/lib/files/names/schema";
import {
  fileAction,
  fileRoots,
  fileText,
  onPath,
  savedFile,
  trashItem,
  uploadedBatch,
  uploadId,
  uploadView,
} from "@/lib/files/schema";

const onCluster = z.object({ cluster: z.string().max(32) });

const byUpload = z.object({ id: uploadId });
const tus = { "Tus-Resumable": "1.0.0" };
const otherTus = { 412: "Tus-Resumable names another version" };
const pieceType = "application/offset+octet-stream";

export const fileEndpoints = {
  fileRoots: endpoint({
    method: "GET",
    path: "/api/files/roots",
    summary: "Where my files on a cluster begin: home, scratch and what else is configured",
    scope: "files:read",
    query: onCluster,
    answer: fileRoots,
  }),
  files: endpoint({
    method: "GET",
    path: "/api/files",
    summary: "What is in a folder, as lines of JSON while it is read",
    scope: "files:read",
    query: onPath,
    media: "application/x-ndjson",
  }),
  fileContent: endpoint({
    method: "GET",
    path: "/api/files/content",
    summary: "The bytes of a regular file, as an attachment",
    scope: "files:read",
    query: onPath,
    headers: { Range: "One range of bytes", "If-Range": "An ETag", "If-None-Match": "ETags" },
    also: { 206: "The bytes asked for", 304: "What If-None-Match names is what it is", 416: "Beyond the end" },
    media: "application/octet-stream",
  }),
  saveFile: endpoint({
    method: "PUT",
    path: "/api/files/content",
    summary: "Save a whole file over the state that was opened, or a new one",
    scope: "files:write",
    query: onPath.extend({ confirm: z.enum(["yes", "no"]).default("no").describe("The name may begin with a dot") }),
    headers: { "If-Match": "The etag that was opened", "If-None-Match": "*: only as a new file" },
    bodyMedia: "application/octet-stream",
    answer: savedFile,
  }),
  fileText: endpoint({
    method: "GET",
    path: "/api/files/text",
    summary: "The first mebibyte of a file as text, for an editor",
    scope: "files:read",
    query: onPath,
    answer: fileText,
  }),
  fileArchive: endpoint({
    method: "GET",
    path: "/api/files/archive",
    summary: "A folder, or some of what is in it, as a zip or tar that comes while it is made",
    scope: "files:read",
    query: onPath.extend({
      names: z
        .string()
        .max(30_000)
        .optional()
        .describe("Encoded names in the folder with / between; absent: all of it"),
      format: z.enum(["zip", "tar"]).default("zip"),
    }),
    media: "application/zip",
    perMinute: 60,
  }),
  archiveSelection: endpoint({
    method: "POST",
    path: "/api/files/archive",
    summary:
      "The same of many names, by the fields of a form: cluster, format, and path again and again, all in one folder",
    scope: "files:read",
    bodyMedia: "application/x-www-form-urlencoded",
    media: "application/zip",
    perMinute: 60,
  }),
  fileActions: endpoint({
    method: "POST",
    path: "/api/files/actions",
    summary:
      "Make, rename, move, copy, delete files; lines of JSON while it is done, and closing the connection cancels",
    scope: "files:write",
    body: fileAction,
    media: "application/x-ndjson",
  }),
  fileTrash: endpoint({
    method: "GET",
    path: "/api/files/trash",
    summary: "What I deleted and can have back, newest first",
    scope: "files:read",
    query: onCluster,
    answer: list(trashItem),
  }),
  uploads: endpoint({
    method: "GET",
    path: "/api/uploads",
    summary: "My uploads that are not finished, newest first",
    scope: "files:read",
    answer: list(uploadView),
  }),
  createUpload: endpoint({
    method: "POST",
    path: "/api/uploads",
    summary: "Begin an upload (tus 1.0); a small file may come along",
    scope: "files:write",
    status: 201,
    bodyMedia: pieceType,
    headers: {
      ...tus,
      "Upload-Length": "Bytes",
      "Upload-Metadata": "cluster, folder, name; folders, overwrite, confirm",
    },
    also: otherTus,
    perMinute: 6000,
  }),
  uploadBatch: endpoint({
    method: "POST",
    path: "/api/uploads/batch",
    summary: "Many small files as one tar; what has a name there already is left out and named",
    scope: "files:write",
    query: onCluster.extend({
      folder: filePath,
      confirm: z.enum(["yes", "no"]).default("no").describe("Names in it may begin with a dot"),
    }),
    bodyMedia: "application/x-tar",
    answer: uploadedBatch,
    perMinute: 600,
  }),
  upload: endpoint({
    method: "HEAD",
    path: "/api/uploads/{id}",
    summary: "How much of an upload is there",
    scope: "files:write",
    params: byUpload,
    headers: tus,
    also: otherTus,
    perMinute: 1200,
  }),
  writeUpload: endpoint({
    method: "PATCH",
    path: "/api/uploads/{id}",
    summary: "The next piece of an upload; the last one puts the file in its place",
    scope: "files:write",
    status: 204,
    params: byUpload,
    bodyMedia: pieceType,
    headers: { ...tus, "Upload-Offset": "Where the piece begins: what is there" },
    also: otherTus,
    perMinute: 1200,
  }),
  endUpload: endpoint({
    method: "DELETE",
    path: "/api/uploads/{id}",
    summary: "Give an upload up",
    scope: "files:write",
    status: 204,
    params: byUpload,
    perMinute: 1200,
  }),
  finishUpload: endpoint({
    method: "POST",
    path: "/api/uploads/{id}/finish",
    summary: "Put a whole upload in its place after all, over what is there if wanted",
    scope: "files:write",
    params: byUpload,
    body: z.strictObject({ overwrite: z.boolean().default(false) }),
    answer: uploadView,
  }),
};
