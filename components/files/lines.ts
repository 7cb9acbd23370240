// Answers that are lines of JSON, read while they come. The server checked each line against the schema of its type.

/** The lines of `response`. Ends early without a word when the connection breaks: the last line says whether all came. */
export async function* linesOf<Line>(response: Response): AsyncGenerator<Line> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const pieces = (held + value).split("\n");
      held = pieces.pop() ?? "";
      // Our own server's words, of the shape that the endpoint promises.
      for (const piece of pieces) if (piece) yield JSON.parse(piece) as Line;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
