// node --import ./dev/kill-at.mjs: PORTAL_KILL_AT=<point> or <point>:<n> kills the process when it reaches that point
// of lib/kill-point.ts for the nth time.
const [name, count = "1"] = (process.env.PORTAL_KILL_AT ?? "").split(":");
if (name) globalThis[Symbol.for("berth.killAt")] = { name, count: Number(count) };
