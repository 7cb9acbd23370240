// What runs on the cluster in Python runs with the oldest python3 that nodes still have: 3.6, of RHEL 8 and SLES 15.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PROBE_SCRIPT } from "@/lib/clusters/examine-job-script";
import { PYTHON } from "@/lib/files/extract-script";

// Names of the standard library that came after 3.6 and are near at hand for scripts like ours, by the version they came with.
const newer = `
  asyncio.run asyncio.create_task asyncio.get_running_loop asyncio.current_task asyncio.all_tasks start_serving
  asyncio.to_thread asyncio.TaskGroup asyncio.timeout asyncio.Runner asyncio.Barrier
  socket.create_server socket.has_dualstack_ipv6 ThreadingHTTPServer block_on_close hmac.digest
  capture_output dataclasses contextvars nullcontext breakpoint __future__.annotations time_ns
  removeprefix removesuffix is_relative_to missing_ok dirs_exist_ok shlex.join math.prod cached_property
`;
// Only asyncio's are new: those of socketserver, and of a server or transport, are old.
const newerOfAsyncio = "serve_forever wait_closed is_closing";

// Syntax by the parser's own word; names wherever they are used, imported, or given as a keyword.
const LOOK = `
import ast, sys
since = {"feature_version": (3, 6)} if sys.version_info >= (3, 8) else {}
nodes = list(ast.walk(ast.parse(sys.stdin.read(), **since)))
used = set()
for node in nodes:
    if isinstance(node, ast.Name): used.add(node.id)
    if isinstance(node, ast.keyword): used.add(node.arg)
    if isinstance(node, ast.Attribute):
        used.add(node.attr)
        if isinstance(node.value, ast.Name): used.add(node.value.id + "." + node.attr)
    if isinstance(node, ast.Import): used.update(name.name for name in node.names)
    if isinstance(node, ast.ImportFrom):
        used.add(node.module)
        for name in node.names: used.update([name.name, node.module + "." + name.name])
newer = set(sys.argv[1].split()) | (set(sys.argv[2].split()) if "asyncio" in used else set())
print(" ".join(sorted(used & newer)))
`;

/** What of `script` an old Python does not have: names, or the complaint of the parser. */
function newIn(script: string): string {
  const { stdout, stderr } = spawnSync("python3", ["-I", "-c", LOOK, newer, newerOfAsyncio], { input: script });
  return `${stdout}${stderr}`.trim();
}

/** The programs within a shell script. */
const programsIn = (shell: string): string[] =>
  [...shell.matchAll(/python3 (?:-I )?-c '([^']+)'/g)].map((match) => match[1] ?? "");

const webFolder = programsIn(readFileSync("templates/web-folder/script.sh", "utf8"));
const probes = programsIn(PROBE_SCRIPT);

describe("a script for the cluster", () => {
  it.each([
    ["the door", [readFileSync("lib/sessions/job/door.py", "utf8")], 1],
    ["the web folder", webFolder, 1],
    ["unpacking", [PYTHON], 1],
    ["the doctor's", probes, 2],
  ])("asks nothing newer of Python: %s", (_name, scripts, count) => {
    expect(scripts).toHaveLength(count);
    expect(scripts.map(newIn)).toEqual(scripts.map(() => ""));
  });
});

describe("the guard", () => {
  it.each([
    ["import asyncio\nasyncio.run(main())", "asyncio.run"],
    ["from asyncio import run", "asyncio.run"],
    ["import asyncio\nasync def go(server): await server.serve_forever()", "serve_forever"],
    ["from dataclasses import dataclass", "dataclasses"],
    ["import subprocess\nsubprocess.run(['x'], capture_output=True)", "capture_output"],
    ["while data := read(): pass", "SyntaxError"],
  ])("finds %j", (script, found) => expect(newIn(script)).toContain(found));

  it("leaves alone what is old", () => {
    expect(newIn("import socketserver\nsocketserver.TCPServer(('', 0), None).serve_forever()")).toBe("");
  });
});
