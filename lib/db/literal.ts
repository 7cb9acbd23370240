// Text for Prisma's `contains`, which is LIKE underneath.

/** What a person types means itself: in LIKE `_` and `%` stand for anything, and PostgreSQL takes no NUL. */
export const literal = (text: string): string => text.replaceAll("\0", "").replace(/[\\%_]/g, "\\$&");
