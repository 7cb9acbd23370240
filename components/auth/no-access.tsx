"use client";
// Signed in, but no cluster admits: which step is missing, whom to ask, and what to tell them.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut, RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { ask } from "@/components/api";
import { AccessSteps } from "@/components/auth/access-steps";
import { askClustersAgain, clusters } from "@/components/clusters/queries";
import { BrandMark } from "@/components/frame/brand";
import { me } from "@/components/people/queries";
import { Button, ButtonLink } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import type { Me } from "@/lib/auth/schema";
import type { ClusterView } from "@/lib/clusters/schema";
import { api, paths } from "@/lib/paths";

function WhatToSay({ person, refused }: { person: Me; refused: ClusterView[] }) {
  const t = useTranslations("auth.access");
  const { title, support } = person.instance;
  const names = refused.map((cluster) => cluster.title).join(", ");
  const email = person.email ?? t("noEmail");
  // Ready to paste: support asks for exactly these.
  const details = t("details", { title, name: person.name, email, id: person.id, clusters: names });
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-x-3">
        <p className="min-w-0 flex-1 text-ink2">{t("ask", { support })}</p>
        <CopyButton text={details} label={t("copy")} done={t("copied")} />
      </div>
      <pre className="overflow-x-auto whitespace-pre-wrap rounded-md bg-sunk px-3 py-2 font-mono text-ink2 text-xs">
        {details}
      </pre>
    </div>
  );
}

/** One cluster is enough. */
const isAdmitted = (found: ClusterView[]): boolean => found.some((cluster) => cluster.me.admitted);

function Standing({ person, found }: { person: Me; found: ClusterView[] }) {
  const t = useTranslations("auth.access");
  const refused = found.filter((cluster) => !cluster.me.admitted);
  const admitted = isAdmitted(found);
  return (
    <>
      <p className="text-ink2">{admitted ? t("ready") : t("intro", { name: person.name })}</p>
      {admitted ? (
        <ButtonLink look="primary" href={paths.home()}>
          {t("go")}
        </ButtonLink>
      ) : null}
      {refused.map((cluster) => (
        <AccessSteps key={cluster.name} cluster={cluster} person={person} />
      ))}
      {refused.length > 0 ? <WhatToSay person={person} refused={refused} /> : null}
    </>
  );
}

export function NoAccess() {
  const t = useTranslations("auth.access");
  const person = useQuery(me);
  const found = useQuery(clusters);
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: askClustersAgain,
    onSuccess: (page) => client.setQueryData(clusters.queryKey, page),
  });
  const isChecking = found.isFetching || again.isPending;
  const signOut = useMutation({
    mutationFn: () => ask<"signOut">(api.signOut(), { method: "POST" }),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  const frame = useTranslations("frame");
  const failure = person.error ?? again.error ?? found.error;
  return (
    <section aria-labelledby="no-access" className="card grid gap-5 p-5 sm:p-8">
      <header className="flex items-center gap-3">
        <BrandMark className="size-9" />
        <h1 id="no-access" className="font-semibold text-xl">
          {t(found.data && isAdmitted(found.data) ? "readyTitle" : "title")}
        </h1>
      </header>
      {failure ? <Notice tone="bad">{t("failed", { reason: failure.message })}</Notice> : null}
      {signOut.error ? (
        <Notice tone="bad" title={frame("signOutFailed")}>
          {signOut.error.message}
        </Notice>
      ) : null}
      {person.data && found.data ? (
        <Standing person={person.data} found={found.data} />
      ) : (
        <Skeleton className="h-48 w-full" />
      )}
      <footer className="flex flex-wrap justify-end gap-2">
        {/* What was started while one was admitted is still there to be looked at. */}
        <ButtonLink look="quiet" href={paths.sessions()} className="mr-auto -ml-3.5">
          {t("sessions")}
        </ButtonLink>
        <Button look="quiet" busy={signOut.isPending} onClick={() => signOut.mutate()}>
          <LogOut aria-hidden />
          {t("signOut")}
        </Button>
        <Button busy={isChecking} onClick={() => again.mutate()}>
          <RefreshCw aria-hidden />
          {isChecking ? t("checking") : t("again")}
        </Button>
      </footer>
    </section>
  );
}
