import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { markedOutput } from "./marked-output";

const marks = { begin: Buffer.from("ab12.o1\n"), end: Buffer.from("ab12.o2 ") };
const printed = "motd\nab12.o\nab12.o1\nbytes ab12.o1\nab12.o2x ab12.o2 7\nab12.o2 9\nlogout\n";
const body = "bytes ab12.o1\nab12.o2x ";

describe("output between marks", () => {
  it("is found wherever the stream is cut into two chunks", async () => {
    for (let cut = 0; cut <= printed.length; cut++) {
      const source = new PassThrough();
      const output = markedOutput(source, marks);
      source.write(printed.slice(0, cut));
      source.end(printed.slice(cut));
      expect((await buffer(output.body)).toString(), `cut at ${cut}`).toBe(body);
      expect(await output.done).toBe("7");
    }
  });

  it("is found byte by byte", async () => {
    const source = new PassThrough();
    const output = markedOutput(source, marks);
    for (const byte of Buffer.from(printed)) source.write(Buffer.from([byte]));
    source.end();
    expect((await buffer(output.body)).toString()).toBe(body);
  });

  it("is passed on before the program ends, but for what may be the end mark", async () => {
    const source = new PassThrough();
    const output = markedOutput(source, marks);
    source.write("ab12.o1\nprompt> ab12.o");
    const first = await new Promise<Buffer>((resolve) => output.body.once("data", resolve));
    expect(first.toString()).toBe("prompt> ");
    source.end("2 0\n");
    expect(await output.done).toBe("0");
  });

  it("ends with a code of its own when what follows the end mark is no code, and holds none of it", async () => {
    const source = new PassThrough();
    const output = markedOutput(source, marks);
    const before = process.memoryUsage().arrayBuffers;
    source.write("ab12.o1\nbody ab12.o2 ");
    const piece = Buffer.alloc(2 ** 16, "9");
    for (let left = 1600; left > 0; left -= 1) {
      if (!source.write(piece)) await new Promise(setImmediate);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
    expect(await output.done).toBe("255");
    expect((await buffer(output.body)).toString()).toBe("body ");
  });

  it("stays incomplete when the end mark does not come", async () => {
    const source = new PassThrough();
    const output = markedOutput(source, marks);
    source.end("ab12.o1\nhalf of the ans");
    expect(await output.done).toBeNull();
    expect(output.body.readableEnded).toBe(false);
    expect(output.hasBegun()).toBe(true);
  });

  it("never began: what was printed instead is kept, but not all of it", async () => {
    const source = new PassThrough();
    const output = markedOutput(source, marks);
    source.end(`${"x".repeat(100_000)}This account is currently not available.\n`);
    expect(await output.done).toBeNull();
    expect(output.hasBegun()).toBe(false);
    expect(output.preamble()).toContain("This account is currently not available.");
    expect(output.preamble().length).toBeLessThanOrEqual(4096);
  });

  it("holds its source back while nobody reads", async () => {
    const source = new PassThrough();
    const output = markedOutput(source, marks);
    source.write("ab12.o1\n");
    await output.began;
    while (source.write(Buffer.alloc(16_384))) await new Promise(setImmediate);
    expect(source.isPaused()).toBe(true);
    source.end("ab12.o2 0\n");
    expect((await buffer(output.body)).length).toBeGreaterThan(16_384);
  });
});
