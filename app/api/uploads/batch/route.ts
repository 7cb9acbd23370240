import { endpoints } from "@/lib/endpoints";
import { uploadBatch } from "@/lib/files/upload-batch";
import { route } from "@/lib/route";

export const POST = route(endpoints.uploadBatch, ({ actor, query, request }) =>
  uploadBatch(actor, { ...query, confirm: query.confirm === "yes" }, request),
);
