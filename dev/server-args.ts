// How the built server is started, by whoever starts it: what `npm start` says.

/**
 * V8 looks through its whole heap whenever 64 MB of buffers have come since it last did. Most buffers live for an instant, and a
 * small young generation, collected often, lets go of them before: docs/performance.md, "Memory that passes".
 */
export const serverArgs: readonly string[] = ["--max-semi-space-size=2", "dist/server.mjs"];
