// One value per process, not per module graph: server.ts, route handlers and pages each get their own copy of a
// module, so anything that must exist once (pools, the database, caches) is kept on globalThis through this.

const store = Symbol.for("berth.once");

type Holder = { [store]?: Map<string, unknown> };

/** Returns the process-wide value called `name`, making it on first use. */
export function once<T>(name: string, make: () => T): T {
  const holder = globalThis as Holder;
  holder[store] ??= new Map();
  const values = holder[store];
  if (!values.has(name)) values.set(name, make());
  // The map is only ever filled by the line above, under the same name.
  return values.get(name) as T;
}
