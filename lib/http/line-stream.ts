// An answer that streams: lines of JSON, or bytes. What goes wrong before the first piece is an ordinary error; later it breaks
// the connection off, which the reader notices because the last line or the last bytes are missing.

export type Streaming<Piece> = (signal: AbortSignal) => AsyncGenerator<Piece>;

/** Pulls the first piece and streams the rest at the reader's pace. The generator's signal fires when the reader goes away. */
export async function streamed(request: Request, make: Streaming<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const gone = new AbortController();
  const pieces = make(AbortSignal.any([gone.signal, request.signal]));
  let next: IteratorResult<Uint8Array, unknown> | null = await pieces.next();
  const stop = async () => {
    gone.abort();
    await pieces.return(undefined).catch(() => {});
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(stream) {
        const { done, value } = next ?? (await pieces.next());
        next = null;
        if (done) stream.close();
        else stream.enqueue(value);
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}

const text = new TextEncoder();

async function* asLines(values: AsyncGenerator<unknown>): AsyncGenerator<Uint8Array> {
  for await (const value of values) yield text.encode(`${JSON.stringify(value)}\n`);
}

/** Lines of JSON, https://github.com/ndjson/ndjson-spec . */
export async function lineResponse(request: Request, make: Streaming<unknown>): Promise<Response> {
  const body = await streamed(request, (signal) => asLines(make(signal)));
  return new Response(body, { headers: { "content-type": "application/x-ndjson", "x-accel-buffering": "no" } });
}
