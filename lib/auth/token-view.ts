// A token as the API shows it: never its hash.
import { type Scope, scope, type TokenView } from "@/lib/auth/schema";
import type { TokenRow } from "@/lib/auth/store";

export function tokenView(row: TokenRow): TokenView {
  return {
    id: row.id,
    name: row.name,
    // A scope that this version does not know gives no right and is not shown.
    scopes: row.scopes.map((name) => scope.safeParse(name).data).filter((known): known is Scope => known !== undefined),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
