import { describe, expect, it } from "vitest";
import { amounts, clause, gpuLabel, place, plain, sessionName } from "@/components/sessions/describe";

const words = {
  cores: (count: number) => `${count} cores`,
  gpus: (count: number) => `${count} GPUs`,
  nodes: (count: number) => `× ${count} nodes`,
};

describe("a session in words", () => {
  it("shows no control character, direction override or line separator of a name", () => {
    expect(plain("a\u0000b\u001b[31mc\u202etxt.exe\u2028d\u200be")).toBe("ab[31mctxt.exede");
  });

  it.each(["می\u200cخواهم", "क्\u200dष", "👩\u200d🔬", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"])(
    "spells %s as its writer did",
    (name) => expect(plain(`\u2066${name}\u200e`)).toBe(name),
  );

  it("is called by its template when its name has nothing to show", () => {
    expect(sessionName({ name: "\u202e\n", templateTitle: "Jupyter" })).toBe("Jupyter");
    expect(sessionName({ name: " \u200d ", templateTitle: "Jupyter" })).toBe("Jupyter");
    expect(sessionName({ name: " chr7 ", templateTitle: "Jupyter" })).toBe("chr7");
  });

  it("says what was asked for, GPUs by their type where one was named", () => {
    expect(amounts({ cpus: 4, memoryGiB: 16, gpus: 2, gpuType: "a100" }, words)).toEqual([
      "4 cores",
      "16 GiB",
      "2 × A100",
    ]);
    expect(amounts({ cpus: 4, memoryGiB: 0.5, gpus: 1 }, words)).toEqual(["4 cores", "0.5 GiB", "1 GPUs"]);
    expect(amounts({ cpus: 1, memoryGiB: 2 }, words)).toEqual(["1 cores", "2 GiB"]);
    expect(amounts({ cpus: 4, memoryGiB: 16, nodes: 4 }, words)).toEqual(["4 cores", "16 GiB", "× 4 nodes"]);
    expect(amounts({ cpus: 4, memoryGiB: 16, nodes: 1 }, words)).toEqual(["4 cores", "16 GiB"]);
  });

  it("leaves other words of a GPU type alone", () => {
    expect(gpuLabel("tesla")).toBe("tesla");
    expect(gpuLabel("h100")).toBe("H100");
  });

  it("says where it is as far as that is known", () => {
    expect(place({ cluster: "hpc", partition: "gpu", node: null })).toBe("hpc / gpu");
  });

  it("takes the full stop off a sentence that goes on", () => {
    expect(clause("Waits for its turn.")).toBe("Waits for its turn");
  });
});
