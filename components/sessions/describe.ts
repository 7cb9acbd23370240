// A session in words: its title, what it asked for, what it used. No React here.
import type { SessionView } from "@/lib/sessions/schema";
import { formatGiB } from "@/lib/units";

/**
 * Names come from people and schedulers: control characters and direction overrides could make one look like another. What joins or
 * parts letters (U+200C, U+200D) is spelling in Persian and Hindi and part of many emoji, as tags (U+E0020 to U+E007F) are of flags.
 */
const unprintable = /(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Something of it can be seen: format characters alone show nothing. */
const visible = /[^\s\p{Cf}]/u;

export const plain = (text: string): string => text.replace(unprintable, "");

/** A sentence as part of a longer line: without its full stop. */
export const clause = (sentence: string): string => plain(sentence).replace(/\.$/, "");

/** "variant calling", or the template's title when the person gave no name. */
export const sessionName = ({ name, templateTitle }: Pick<SessionView, "name" | "templateTitle">): string =>
  visible.test(plain(name)) ? plain(name).trim() : templateTitle;

/** "A100" for "a100": types are lower case in schedulers and capitals on the box. */
export const gpuLabel = (type: string): string => (/^[a-z]+\d/.test(type) ? type.toUpperCase() : type);

export type Amounts = Pick<SessionView["request"], "cpus" | "memoryGiB" | "gpus" | "gpuType" | "nodes">;

/** Keys and numbers for "4 cores", "16 GiB", "1 × A100"; the caller translates. */
export function amounts(
  request: Amounts,
  words: { cores: (count: number) => string; gpus: (count: number) => string; nodes: (count: number) => string },
): string[] {
  const gpus = request.gpus ?? 0;
  // What is asked for is asked for on each node.
  const nodes = request.nodes ?? 1;
  return [
    words.cores(request.cpus),
    formatGiB(request.memoryGiB),
    ...(gpus > 0 ? [request.gpuType ? `${gpus} × ${gpuLabel(request.gpuType)}` : words.gpus(gpus)] : []),
    ...(nodes > 1 ? [words.nodes(nodes)] : []),
  ];
}

/** "hpc / gpu / gpu1": as far as it is known. */
export const place = (session: Pick<SessionView, "cluster" | "partition" | "node">): string =>
  [session.cluster, session.partition, session.node].filter(Boolean).join(" / ");
