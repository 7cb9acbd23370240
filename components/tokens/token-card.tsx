"use client";
// API tokens: for scripts that speak for this person. A secret is shown once and kept nowhere.
import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Failed } from "@/components/frame/failed";
import { CreateToken } from "@/components/tokens/create-token";
import { tokens } from "@/components/tokens/queries";
import { RevokeToken } from "@/components/tokens/revoke-token";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Empty } from "@/components/ui/empty";
import { useNow } from "@/components/ui/now";
import { SkeletonRows } from "@/components/ui/skeleton";
import { When } from "@/components/ui/when";
import type { TokenView } from "@/lib/auth/schema";

export function TokenCard() {
  const t = useTranslations("tokens");
  const found = useQuery(tokens);
  const [creating, setCreating] = useState(false);
  const create = (
    <Button size="sm" onClick={() => setCreating(true)}>
      <Plus aria-hidden />
      {t("create")}
    </Button>
  );
  return (
    <Card flush title={t("title")} actions={<div className="pr-1.5">{create}</div>}>
      <p className="px-4 pb-3 text-ink2 sm:px-5">{t("text")}</p>
      {found.isError ? <Failed error={found.error} retry={found.refetch} /> : null}
      {found.isPending ? <SkeletonRows rows={2} label={t("loading")} /> : null}
      {found.data?.length === 0 ? (
        <div className="border-line border-t">
          <Empty icon={KeyRound} title={t("none.title")} text={t("none.text")} action={create} />
        </div>
      ) : null}
      {found.data && found.data.length > 0 ? (
        <ul className="divide-y divide-line border-line border-t">
          {found.data.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </ul>
      ) : null}
      <CreateToken open={creating} onClose={() => setCreating(false)} />
    </Card>
  );
}

function TokenRow({ token }: { token: TokenView }) {
  const t = useTranslations("tokens");
  const now = useNow();
  const [revoking, setRevoking] = useState(false);
  // Shown all the same: one sees why a script stopped working.
  const expired = Date.parse(token.expiresAt) < now;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5 sm:px-5">
      <KeyRound aria-hidden className={expired ? "size-4.5 text-ink3" : "size-4.5 text-accent"} />
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-semibold">{token.name}</p>
        <p className="text-sm text-ink3">{token.scopes.map((scope) => t(`scope.${scope}`)).join(" · ")}</p>
      </div>
      <p className="text-sm text-ink2">
        <span className={expired ? "font-semibold text-bad" : undefined}>
          {expired ? t("expired") : t("expires")} <When at={token.expiresAt} />
        </span>
        <span className="block text-ink3">
          {token.lastUsedAt ? (
            <>
              {t("used")} <When at={token.lastUsedAt} />
            </>
          ) : (
            t("neverUsed")
          )}
        </span>
      </p>
      <Button
        look="danger"
        size="sm"
        className="max-sm:ml-auto"
        aria-label={t("revokeOne", { name: token.name })}
        onClick={() => setRevoking(true)}
      >
        {t("revoke")}
      </Button>
      <RevokeToken token={token} open={revoking} onClose={() => setRevoking(false)} />
    </li>
  );
}
