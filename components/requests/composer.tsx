"use client";
// The form that composes a request: what is asked on the left, what it means on the right, live.
import { useRef } from "react";
import { FormProvider, useForm, useWatch } from "react-hook-form";
import { ComposerSummary } from "@/components/requests/composer-summary";
import { LaunchBar } from "@/components/requests/launch-bar";
import { MoreFields } from "@/components/requests/more-fields";
import { ParameterFields } from "@/components/requests/parameter-fields";
import { ComposerContext } from "@/components/requests/place";
import { ResourceFields } from "@/components/requests/resource-fields";
import { SoftwareFields } from "@/components/requests/software-fields";
import { type Composed, emptyNumbers, toRequest } from "@/components/requests/url-state";
import { useAddress } from "@/components/requests/use-address";
import { useLaunch } from "@/components/requests/use-launch";
import { usePreview } from "@/components/requests/use-preview";
import { useProblems } from "@/components/requests/use-problems";
import { WhereFields } from "@/components/requests/where-fields";
import type { ClusterView } from "@/lib/clusters/schema";
import type { TemplateView } from "@/lib/templates/schema";

type Props = {
  template: TemplateView;
  clusters: ClusterView[];
  initial: Composed;
  onAddress: (search: string) => void;
};

export function Composer({ template, clusters, initial, onAddress }: Props) {
  const form = useForm<Composed>({ defaultValues: initial });
  // Every field has a default, so the watched values are complete.
  const composed = useWatch({ control: form.control }) as Composed;
  const request = toRequest(template.name, composed);
  const element = useRef<HTMLFormElement>(null);
  const cluster = clusters.find((entry) => entry.name === composed.cluster);
  const preview = usePreview(request, cluster !== undefined && emptyNumbers(composed).length === 0);
  const launch = useLaunch(request);
  useAddress(composed, launch.launching, onAddress);
  const problems = useProblems({ form, composed, clusters, preview, launchError: launch.error });
  const submit = () => {
    // By Enter or the bar's button: the one to mend first is brought to the person. The wide button stands beside its reasons.
    const first = element.current?.querySelector<HTMLElement>("[aria-invalid=true], [data-problem]");
    if (problems.blocked) first?.focus();
    else launch.start();
  };
  return (
    <FormProvider {...form}>
      <ComposerContext value={{ template, clusters, cluster, composed, problems, preview }}>
        <form
          ref={element}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
          className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]"
        >
          {/* What Enter presses is a form's first: the wide button would say its reasons and stop there. */}
          <button type="submit" tabIndex={-1} aria-hidden className="sr-only" />
          <div className="card grid min-w-0 gap-6 p-4 sm:p-6">
            <WhereFields />
            <ResourceFields />
            <SoftwareFields />
            <ParameterFields />
            <MoreFields />
          </div>
          <ComposerSummary launch={launch} />
          <LaunchBar launch={launch} />
        </form>
      </ComposerContext>
    </FormProvider>
  );
}
