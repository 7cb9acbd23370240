// What the person deleted and can have back.
import type { PersonActor } from "@/lib/actor";
import { splitFields } from "@/lib/files/fields";
import { ask, filePlace } from "@/lib/files/place";
import { dateOf, displayText, encodePath } from "@/lib/files/rules";
import type { FileType, TrashItem } from "@/lib/files/schema";
import { LIST_TRASH } from "@/lib/files/trash-scripts";

/** By the first digit of st_mode in hexadecimal: inode(7). */
const types: Record<string, FileType> = {
  ...{ "8": "file", "4": "folder", a: "link", "1": "fifo", c: "socket", "2": "device", "6": "device" },
};

function itemOf([id, facts, path]: Buffer[]): TrashItem {
  const [mode = "", size] = String(facts).split(" ");
  const type = types[mode.length === 4 ? (mode[0] ?? "") : ""] ?? "unknown";
  const where = path ?? Buffer.alloc(0);
  return {
    ...{ id: String(id), type, size: type === "file" ? Number(size) : 0 },
    name: displayText(where.subarray(where.lastIndexOf(0x2f) + 1)),
    path: encodePath(where),
    deletedAt: dateOf(Number.parseInt(String(id), 10)).toISOString(),
  };
}

/** A thousand paths, and what belongs to each. */
const MAX_BYTES = 5 * 2 ** 20;

/** The newest thousand. */
export async function listTrash(actor: PersonActor, name: string): Promise<{ items: TrashItem[]; nextCursor: null }> {
  const values = splitFields(
    await ask(await filePlace(actor, name), { script: LIST_TRASH, args: [], maxBytes: MAX_BYTES }),
  );
  const items: TrashItem[] = [];
  for (let at = 0; at + 2 < values.length; at += 3) items.push(itemOf(values.slice(at, at + 3)));
  return { items, nextCursor: null };
}
