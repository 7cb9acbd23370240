"use client";
// What every part of the composer looks at: the template, the chosen place, what is composed and what is wrong with it.
import { createContext, use } from "react";
import { useFormContext } from "react-hook-form";
import type { Composed } from "@/components/requests/url-state";
import type { Preview } from "@/components/requests/use-preview";
import type { ProblemsByField } from "@/components/requests/use-problems";
import type { ClusterView } from "@/lib/clusters/schema";
import type { TemplateView } from "@/lib/templates/schema";

type Composing = {
  template: TemplateView;
  clusters: ClusterView[];
  cluster: ClusterView | undefined;
  composed: Composed;
  problems: ProblemsByField;
  preview: Preview;
};

export const ComposerContext = createContext<Composing | null>(null);

/** The surrounding composer, and `set`, which changes one field as a person would. */
export function useComposer() {
  const composing = use(ComposerContext);
  if (!composing) throw new Error("Only inside the composer.");
  const { setValue } = useFormContext<Composed>();
  const partition = composing.cluster?.partitions.find((entry) => entry.name === composing.composed.partition);
  const set = <Name extends keyof Composed>(name: Name, value: Composed[Name]) =>
    // The form's own type of a path's value is this very type, which TypeScript cannot see for a generic name.
    setValue(name, value as never, { shouldDirty: true });
  return { ...composing, partition, set };
}
