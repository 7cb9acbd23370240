"use client";
// The one way in: a button to the institution's single sign-on, and above it why one is here.
import { LogIn } from "lucide-react";
import { useTranslations } from "next-intl";
import { BrandMark } from "@/components/frame/brand";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { SignInProblem } from "@/lib/auth/rules";
import { api } from "@/lib/paths";

export type SignInFacts = {
  title: string;
  provider: string;
  support: string;
  /** The sentence of the one-machine engine, or null. */
  notice: string | null;
  problem: SignInProblem | null;
  /** Where to go afterwards. */
  returnPath: string;
};

/** What is a plain fact rather than a failure. */
const calm: SignInProblem[] = ["expired", "signed-out"];

function Problem({ facts }: { facts: SignInFacts }) {
  const t = useTranslations("auth");
  const { problem, provider, support } = facts;
  if (!problem) return null;
  return (
    <div role="alert">
      <Notice tone={calm.includes(problem) ? "info" : "bad"} title={t(`problemTitle.${problem}`)}>
        {t(`problem.${problem}`, { provider, support })}
      </Notice>
    </div>
  );
}

/** A plain form, which works before any script has run. */
function Way({ provider, returnPath }: SignInFacts) {
  const t = useTranslations("auth");
  return (
    // A provider's name may be long: the button grows instead of reaching over the card's edge.
    <form method="post" action={api.beginSignIn()}>
      <input type="hidden" name="callbackUrl" value={returnPath} />
      <Button
        type="submit"
        look="primary"
        size="lg"
        className="h-auto! min-h-11 w-full whitespace-normal! px-3 py-2 max-sm:text-base"
      >
        <LogIn aria-hidden />
        {t("button", { provider })}
      </Button>
    </form>
  );
}

export function SignInCard({ facts }: { facts: SignInFacts }) {
  const t = useTranslations("auth");
  return (
    <section aria-labelledby="welcome" className="card grid grid-cols-[minmax(0,1fr)] gap-6 p-5 sm:p-8">
      <header className="grid justify-items-center gap-3 text-center">
        <BrandMark className="size-12" />
        <h1 id="welcome" className="font-semibold text-xl">
          {t("welcome", { title: facts.title })}
        </h1>
        <p className="max-w-xs text-ink2">{t("purpose")}</p>
      </header>
      <Problem facts={facts} />
      <Way {...facts} />
      {facts.notice ? (
        <Notice tone="wait" title={t("oneMachine")}>
          {facts.notice}
        </Notice>
      ) : null}
      <p className="text-center text-ink3 text-sm">{t("help", { support: facts.support })}</p>
    </section>
  );
}
