// The API's part that is about files.
import { z } from "zod";
import { endpoint, list } from "@/lib/endpoint";
import { fileRoot, fileText, onPath } from "@/lib/files/schema";

const onCluster = z.object({ cluster: z.string().max(32) });

export const fileEndpoints = {
  fileRoots: endpoint({
    method: "GET",
    path: "/api/files/roots",
    summary: "Where my files on a cluster begin: home, scratch and what else is configured",
    scope: "files:read",
    query: onCluster,
    answer: list(fileRoot),
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
    media: "application/octet-stream",
  }),
  fileText: endpoint({
    method: "GET",
    path: "/api/files/text",
    summary: "The first mebibyte of a file as text, for an editor",
    scope: "files:read",
    query: onPath,
    answer: fileText,
  }),
};
