// Many small files in one request: a tar whose bytes the browser takes from the disk while it sends them.
import type { Candidate } from "@/components/files/upload-entries";
import { tarEnd, tarHeader, tarPadding } from "@/lib/files/rules";
import type { UploadedBatch } from "@/lib/files/schema";
import { api } from "@/lib/paths";

export type BatchFile = Pick<Candidate, "file" | "folders" | "isFolder">;
type To = { cluster: string; folder: string; confirm: boolean };

/** `status` 0: no answer came. */
export class BatchFault extends Error {
  readonly status: number;
  readonly words: string | null;
  constructor(status: number, detail: string, words: string | null = null) {
    super(detail);
    this.status = status;
    this.words = words;
  }
}

function archive(files: BatchFile[]): Blob {
  const text = new TextEncoder();
  const parts = files.flatMap(({ file, folders, isFolder }) => {
    const name = text.encode([...folders, file.name].join("/"));
    if (isFolder) return [tarHeader({ name, kind: "folder", size: 0, mode: 0o755 })];
    const { size } = file;
    return [tarHeader({ name, kind: "file", size, mode: 0o644 }), file, tarPadding(size)];
  });
  return new Blob([...parts, tarEnd()]);
}

function faultOf({ status, responseText }: XMLHttpRequest): BatchFault {
  try {
    const problem: { detail?: string; words?: string } = JSON.parse(responseText);
    return new BatchFault(status, problem.detail ?? "", problem.words);
  } catch {
    return new BatchFault(status, "");
  }
}

type Watch = { progress: (sentShare: number) => void; signal: AbortSignal };

/** Sends them. Throws BatchFault; nothing of the batch is there then. fetch() tells nothing of how much was sent. */
export function sendBatch(files: BatchFile[], to: To, { progress, signal }: Watch): Promise<UploadedBatch> {
  const { promise, resolve, reject } = Promise.withResolvers<UploadedBatch>();
  const request = new XMLHttpRequest();
  const query = new URLSearchParams({ cluster: to.cluster, folder: to.folder, confirm: to.confirm ? "yes" : "no" });
  request.open("POST", `${api.uploadBatch()}?${query}`);
  request.setRequestHeader("content-type", "application/x-tar");
  request.upload.addEventListener("progress", ({ loaded, total }) => progress(total > 0 ? loaded / total : 0));
  request.addEventListener("load", () => {
    if (request.status === 200) resolve(JSON.parse(request.responseText));
    else reject(faultOf(request));
  });
  for (const over of ["error", "abort", "timeout"]) request.addEventListener(over, () => reject(new BatchFault(0, "")));
  signal.addEventListener("abort", () => request.abort(), { once: true });
  request.send(archive(files));
  return promise;
}
