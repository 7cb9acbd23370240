"use client";
// What a token may do, in words people know, with the scope's own name beside it for those who write scripts.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { me } from "@/components/people/queries";
import { type FieldProblem, Problems } from "@/components/ui/field";
import type { Role, Scope } from "@/lib/auth/schema";

export type ScopeName = Scope;

/** Spelled out here because the schema's own list would bring zod into the browser; the type keeps both in step. */
const all: Record<Scope, "everyone" | "staff" | "admin"> = {
  "sessions:read": "everyone",
  "sessions:write": "everyone",
  "clusters:read": "everyone",
  "events:read": "everyone",
  "terminals:write": "everyone",
  "files:read": "everyone",
  "files:write": "everyone",
  "tokens:write": "everyone",
  "metrics:read": "staff",
  "admin:write": "admin",
};

type Props = { scopes: Scope[]; onChange: (scopes: Scope[]) => void; problems: FieldProblem[] };

export function ScopeChoice({ scopes, onChange, problems }: Props) {
  const t = useTranslations("tokens");
  const { data: person } = useQuery(me);
  const isOf = (role: Role) => person?.roles.includes(role) ?? false;
  const offered = { everyone: true, staff: isOf("operator") || isOf("admin"), admin: isOf("admin") };
  // Object.keys of a record of scopes are scopes.
  const names = (Object.keys(all) as Scope[]).filter((name) => offered[all[name]]);
  const toggle = (name: Scope, on: boolean) =>
    onChange(names.filter((other) => (other === name ? on : scopes.includes(other))));
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1.5 text-sm font-semibold">{t("scopes")}</legend>
      <div className="grid gap-1 rounded-md border border-line p-1.5">
        {names.map((name) => (
          <label key={name} className="flex items-center gap-3 rounded-sm px-2.5 py-1.5 hover:bg-sunk">
            <input
              type="checkbox"
              checked={scopes.includes(name)}
              onChange={(event) => toggle(name, event.target.checked)}
              className="size-4.5"
            />
            {/* Side by side where there is room, below one another on a phone. */}
            <span className="flex flex-1 items-baseline justify-between gap-x-3 max-sm:flex-col">
              {t(`scope.${name}`)}
              <code className="font-mono text-xs text-ink3">{name}</code>
            </span>
          </label>
        ))}
      </div>
      <Problems problems={problems} />
    </fieldset>
  );
}
