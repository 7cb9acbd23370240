// A body in chunks, taken apart (RFC 9112 section 7.1). Strict: what is not a chunk is an error, never a guess.
import type { RawHeaders } from "@/lib/gateway/header-rules";

export type ChunkedBody = {
  /** Hands the data in `bytes` to `onData`. Answers what follows the body once its end was seen, else null. Throws on nonsense. */
  take: (bytes: Buffer, onData: (data: Buffer) => void) => Buffer | null;
  trailers: RawHeaders;
};

const longestLine = 16 * 1024;
/** All of them together, which are kept until the body's end. */
const mostTrailerBytes = 16 * 1024;
const sizeLine = /^([0-9a-fA-F]{1,12})[ \t]*(;[\t\x20-\x7e\x80-\xff]*)?$/;
const trailer = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;

export function chunkedBody(): ChunkedBody {
  const trailers: RawHeaders = [];
  let expects: "size" | "data" | "data-end" | "trailer" | "nothing" = "size";
  let left = 0;
  let line = "";
  let trailerBytes = 0;

  const onLine = (text: string) => {
    if (expects === "data-end") {
      if (text !== "") throw new Error("A chunk is longer than it says.");
      expects = "size";
    } else if (expects === "size") {
      const size = sizeLine.exec(text)?.[1];
      if (size === undefined) throw new Error("A chunk does not say its size.");
      left = Number.parseInt(size, 16);
      expects = left > 0 ? "data" : "trailer";
    } else if (text === "") expects = "nothing";
    else {
      const [, name, value = ""] = trailer.exec(text) ?? [];
      if (name === undefined) throw new Error("A trailer is malformed.");
      trailerBytes += text.length;
      if (trailerBytes > mostTrailerBytes) throw new Error("There are too many trailers.");
      trailers.push(name, value.trimEnd());
    }
  };

  /** Up to the next line feed; answers where to go on. */
  const takeLine = (bytes: Buffer, at: number): number => {
    const end = bytes.indexOf(10, at);
    line += bytes.toString("latin1", at, end < 0 ? bytes.length : end + 1);
    if (line.length > longestLine) throw new Error("A line between chunks is too long.");
    if (end < 0) return bytes.length;
    if (!line.endsWith("\r\n")) throw new Error("A line between chunks does not end with CR LF.");
    const whole = line.slice(0, -2);
    line = "";
    onLine(whole);
    return end + 1;
  };

  const take: ChunkedBody["take"] = (bytes, onData) => {
    let at = 0;
    while (at < bytes.length && expects !== "nothing") {
      if (expects === "data") {
        const data = bytes.subarray(at, at + left);
        onData(data);
        at += data.length;
        left -= data.length;
        if (left === 0) expects = "data-end";
      } else at = takeLine(bytes, at);
    }
    return expects === "nothing" ? bytes.subarray(at) : null;
  };
  return { take, trailers };
}
