// A person as administrators see them.
import { role, type UserView } from "@/lib/auth/schema";
import type { ListedUser } from "@/lib/auth/store";

export const userView = ({ _count, roles, disabledAt, lastSeenAt, ...user }: ListedUser): UserView => ({
  ...user,
  // A role that this version does not know gives no right.
  roles: roles.map((name) => role.safeParse(name).data).filter((found) => found !== undefined),
  disabledAt: disabledAt?.toISOString() ?? null,
  lastSeenAt: lastSeenAt?.toISOString() ?? null,
  openSessions: _count.sessions,
});
