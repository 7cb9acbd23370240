// What server and browser agree on about event streams.

/** So often a stream that has nothing to tell says that it is still there: a connection may die without either end knowing. */
export const beatMs = 15_000;
