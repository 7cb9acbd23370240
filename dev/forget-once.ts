/** For tests: forgets what this process read or counted under names of once() that begin so, as a restart would. */
export function forgetOnce(prefix: string): void {
  const held: unknown = Reflect.get(globalThis, Symbol.for("berth.once"));
  if (!(held instanceof Map)) return;
  for (const name of [...held.keys()]) if (String(name).startsWith(prefix)) held.delete(name);
}
