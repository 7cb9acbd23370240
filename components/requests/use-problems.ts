"use client";
// Everything that stands between the form and launching, by field: empty numbers, what the API refused, what policy denies.
import { useTranslations } from "next-intl";
import type { UseFormReturn } from "react-hook-form";
import { type Composed, emptyNumbers } from "@/components/requests/url-state";
import type { Preview } from "@/components/requests/use-preview";
import type { FieldProblem } from "@/components/ui/field";
import type { ClusterView } from "@/lib/clusters/schema";
import { type FieldErrors, isPortalError } from "@/lib/errors";

export type ProblemsByField = {
  of: (field: string) => FieldProblem[];
  /** Problems whose field the form does not show: said beside the launch button. */
  elsewhere: (shown: string[]) => FieldProblem[];
  all: FieldProblem[];
  blocked: boolean;
};

type Given = {
  form: UseFormReturn<Composed>;
  composed: Composed;
  clusters: Pick<ClusterView, "name">[];
  preview: Preview;
  launchError: Error | null;
};
type Found = FieldProblem & { field: string };

/** Whether the field called `shown` says what is wrong with `field`: itself, or a part of its own. */
const isWithin = (field: string, shown: string): boolean => field === shown || field.startsWith(`${shown}.`);

const fieldsOf = (error: Error | null): FieldErrors => (isPortalError(error) && error.fields) || {};

export function useProblems({ form, composed, clusters, preview, launchError }: Given): ProblemsByField {
  const t = useTranslations("requests");
  const apply = (field: string, value: string | number) => () =>
    // The server names fields of the request, which the form names alike.
    form.setValue(field as keyof Composed, value as never, { shouldDirty: true });
  const missing = emptyNumbers(composed).map((field): Found => ({ field, message: t("enterNumber") }));
  // "Launch again" of something old, or a bookmark, may name one that has another name now.
  const gone: Found[] =
    composed.cluster === "" || clusters.some(({ name }) => name === composed.cluster)
      ? []
      : [{ field: "cluster", message: t("where.gone", { cluster: composed.cluster }) }];
  const refused = Object.entries({ ...fieldsOf(launchError), ...fieldsOf(preview.error) });
  const denied = preview.verdict?.reasons ?? [];
  const found: Found[] = [
    ...missing,
    ...gone,
    ...refused.map(([field, message]): Found => ({ field, message })),
    ...denied.map(
      ({ field, message, fix }): Found => ({
        field,
        message,
        fix: fix && { label: fix.label, apply: apply(field, fix.value) },
      }),
    ),
  ];
  const unique = found.filter(
    (one, index) => found.findIndex((other) => other.field === one.field && other.message === one.message) === index,
  );
  return {
    of: (shown) => unique.filter(({ field }) => isWithin(field, shown)),
    elsewhere: (shown) => unique.filter(({ field }) => !shown.some((each) => isWithin(field, each))),
    all: unique,
    // What a launch was refused for is shown, but may be over by now: the server judges anew.
    blocked: missing.length + gone.length + Object.keys(fieldsOf(preview.error)).length + denied.length > 0,
  };
}
