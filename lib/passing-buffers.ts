// Buffers that live for an instant, and what they cost. V8 (Node 24) looks through the whole heap whenever 64 MB of memory
// outside of it have come since it last did. A gigabyte that passes through the portal comes as some fifty times that, in
// buffers that are garbage long before: more than half of the processor time of an upload went into looking.
import { setFlagsFromString } from "node:v8";

/** From now on memory outside of the heap counts as part of it: the whole is looked through when it has grown by its own size. */
export function countBuffersWithHeap(): void {
  setFlagsFromString("--external-memory-accounted-in-global-limit");
}
