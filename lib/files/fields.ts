// Fields that end with NUL, the one byte that no file name holds, out of what a program prints. The program runs in a shell of
// the person's own choosing, which may print anything instead: a field without an end, or ends without a field.
import { PortalError } from "@/lib/errors";

/** More than the longest answer of a script has: of a batch of files, two for each that was left out. */
const MOST_FIELDS = 50_000;
/** What chmod(1) says of a hundred thousand files is one field. */
const LONGEST_FIELD = 32 * 2 ** 20;
/** A path, or what stat(1) says of it. */
const LONGEST_FACT = 64 * 1024;

const unreadable = () => new PortalError("cluster", "The cluster gave an answer that cannot be read.");

/** At most `most` fields; throws at one that is longer than `longest`. */
function split(bytes: Buffer, most: number, longest: number): Buffer[] {
  const found: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(0); at !== -1 && found.length < most; at = bytes.indexOf(0, from)) {
    if (at - from > longest) throw unreadable();
    found.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return found;
}

/** Fields of a whole answer, of very many the first `most`: facts and paths. */
export const splitFields = (bytes: Buffer, most = MOST_FIELDS): Buffer[] => split(bytes, most, LONGEST_FACT);

async function* fields(source: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Buffer[]> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    const end = chunk.lastIndexOf(0) + 1;
    if (end > 0) {
      yield split(Buffer.concat([...held, chunk.subarray(0, end)]), Number.POSITIVE_INFINITY, longest + chunk.length);
      held = [];
      bytes = 0;
    }
    const rest = chunk.subarray(end);
    held.push(Buffer.from(rest));
    bytes += rest.length;
    if (bytes > longest) throw unreadable();
  }
}

/** `longest`: bytes of a field, 32 MiB unless given. */
type Shape = { first: number; others: number; longest?: number };

/** Records of so many fields each as they stream by; an incomplete one at the end is dropped. */
export async function* records(source: AsyncIterable<Buffer>, shape: Shape): AsyncGenerator<Buffer[]> {
  let wanted = shape.first;
  let values: Buffer[] = [];
  for await (const some of fields(source, shape.longest ?? LONGEST_FIELD)) {
    for (const value of some) {
      if (values.push(value) < wanted) continue;
      yield values;
      values = [];
      wanted = shape.others;
    }
  }
}

/** The first `count` fields, fewer when the source ends before, and what comes after them as it comes. */
export async function headAndRest(
  source: AsyncIterable<Buffer>,
  count: number,
): Promise<{ head: Buffer[]; rest: AsyncGenerator<Buffer> }> {
  const chunks = source[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  let head: Buffer[] = [];
  while (head.length < count) {
    const { done, value } = await chunks.next();
    if (done) break;
    held = Buffer.concat([held, value]);
    head = splitFields(held, count);
    if (head.length < count && held.length > LONGEST_FACT) throw unreadable();
  }
  const headBytes = head.reduce((sum, field) => sum + field.length + 1, 0);
  async function* rest(): AsyncGenerator<Buffer> {
    try {
      yield held.subarray(headBytes);
      for (let part = await chunks.next(); !part.done; part = await chunks.next()) yield part.value;
    } finally {
      await chunks.return?.();
    }
  }
  return { head, rest: rest() };
}
