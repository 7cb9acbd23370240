// Fields that end with NUL, the one byte that no file name holds, out of what a program prints.

/** Fields of a whole answer. */
export function splitFields(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, from)) {
    found.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return found;
}

async function* fields(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let held = Buffer.alloc(0);
  for await (const chunk of source) {
    const whole = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    const end = whole.lastIndexOf(0) + 1;
    held = Buffer.from(whole.subarray(end));
    yield splitFields(whole.subarray(0, end));
  }
}

/** Records of so many fields each as they stream by; an incomplete one at the end is dropped. */
export async function* records(
  source: AsyncIterable<Buffer>,
  length: { first: number; others: number },
): AsyncGenerator<Buffer[]> {
  let wanted = length.first;
  let values: Buffer[] = [];
  for await (const some of fields(source)) {
    for (const value of some) {
      if (values.push(value) < wanted) continue;
      yield values;
      values = [];
      wanted = length.others;
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
    head = splitFields(held).slice(0, count);
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
