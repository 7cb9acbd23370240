"use client";
// The right column: what the request means, whether it may be launched, and the exact command.
import { CircleCheck, CircleX, LoaderCircle, Rocket } from "lucide-react";
import { useTranslations } from "next-intl";
import { commandLine, commandLines } from "@/components/requests/command";
import { useComposer } from "@/components/requests/place";
import { RequestFacts } from "@/components/requests/request-facts";
import type { Launch } from "@/components/requests/use-launch";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Chip } from "@/components/ui/chip";
import { CopyButton } from "@/components/ui/copy-button";
import { Problems } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";

/** Fields that show their own problems. */
const shownFields = [
  "cluster",
  "template",
  "partition",
  "cpus",
  "memoryGiB",
  "gpus",
  "gpuType",
  "minutes",
  "software",
  "name",
  "account",
  "qos",
  "reservation",
  "constraint",
  "workdir",
  "scratchGiB",
];

export function ComposerSummary({ launch }: { launch: Launch }) {
  const t = useTranslations("requests");
  return (
    <div className="grid min-w-0 gap-5 lg:sticky lg:top-19">
      <Card
        title={t("summary.title")}
        actions={
          // A card's actions reach over its edge by a quiet button's padding, which a chip has not.
          <span className="mr-1.5">
            <VerdictChip />
          </span>
        }
      >
        <div className="grid gap-4">
          <RequestFacts />
          <LaunchButton launch={launch} />
        </div>
      </Card>
      <CommandCard />
    </div>
  );
}

// Policy's answer. The scheduler's takes longer and stands below as the start; here only when it is no.
function VerdictChip() {
  const t = useTranslations("requests");
  const { problems, preview } = useComposer();
  if (preview.checking && !preview.verdict)
    return (
      <Chip tone="calm" icon={LoaderCircle} spin>
        {t("summary.checking")}
      </Chip>
    );
  if (problems.blocked || preview.verdict === null)
    return (
      <Chip tone="bad" icon={CircleX}>
        {t("summary.notYet")}
      </Chip>
    );
  return preview.estimate?.accepted === false ? (
    <Chip tone="bad" icon={CircleX}>
      {t("summary.refused")}
    </Chip>
  ) : (
    <Chip tone="ok" icon={CircleCheck}>
      {t("summary.ready")}
    </Chip>
  );
}

function LaunchButton({ launch }: { launch: Launch }) {
  const t = useTranslations("requests");
  const { template, cluster, problems, preview } = useComposer();
  const parameters = template.parameters.map(({ name }) => `parameters.${name}`);
  const shown = [...shownFields, ...parameters, ...(template.resources.nodes ? ["nodes"] : [])];
  // One is enough beside the button: the others are said at their fields.
  const [fixable] = problems.all.filter((problem) => problem.fix);
  // A fault that belongs to no field: it must not stop anybody silently.
  const unexplained = preview.error && problems.all.length === 0 ? preview.error : null;
  return (
    <div className="grid gap-2.5">
      <Problems problems={problems.elsewhere(shown)} />
      {launch.error ? (
        <Notice tone="bad">
          {launch.error.message}
          <Words of={launch.error} />
        </Notice>
      ) : null}
      {unexplained ? <Notice tone="wait">{unexplained.message}</Notice> : null}
      <Button
        type="submit"
        look="primary"
        size="lg"
        className="max-lg:hidden"
        busy={launch.launching}
        reason={problems.blocked ? t("summary.fix", { count: problems.all.length }) : null}
        aria-describedby="launch-hint"
      >
        {launch.launching ? <LoaderCircle aria-hidden className="motion-safe:animate-spin" /> : <Rocket aria-hidden />}
        {launch.launching ? t("summary.launching") : t("summary.launch")}
      </Button>
      <p id="launch-hint" className="text-sm text-ink3" aria-live="polite">
        {problems.blocked
          ? t("summary.fix", { count: problems.all.length })
          : t(cluster?.kind === "local" ? "summary.freeLocal" : "summary.free")}{" "}
        {fixable?.fix ? (
          <button type="button" onClick={fixable.fix.apply} className="link">
            {fixable.fix.label}
          </button>
        ) : null}
      </p>
    </div>
  );
}

/** The scheduler's own, where the fault is its. */
function Words({ of }: { of: Error }) {
  const words = "words" in of && typeof of.words === "string" ? of.words : null;
  return words ? <code className="mt-1 block font-mono text-ink2 text-sm">{words}</code> : null;
}

function CommandCard() {
  const t = useTranslations("requests");
  const { cluster, preview, problems } = useComposer();
  const { command, error } = preview;
  return (
    <Card
      title={t("command.title")}
      actions={
        command ? <CopyButton text={commandLine(command)} label={t("command.copy")} done={t("command.copied")} /> : null
      }
    >
      {command ? (
        <section aria-label={t("command.label")} className="rounded-md bg-sunk px-3.5 py-3 text-ink2">
          {/* A path that is longer than the card goes on below, further in. */}
          <pre className="whitespace-pre-wrap font-mono text-[0.75rem] leading-relaxed [overflow-wrap:anywhere]">
            {commandLines(command).map((line) => (
              <span key={line} className="block pl-[4ch] -indent-[4ch]">
                {line}
              </span>
            ))}
          </pre>
        </section>
      ) : error || problems.blocked ? (
        <p className="rounded-md bg-sunk px-3.5 py-3 text-ink3 text-sm">{t("command.none")}</p>
      ) : (
        <Skeleton className="h-20" />
      )}
      <p className="mt-2 text-sm text-ink3">{t(cluster?.kind === "local" ? "command.noteLocal" : "command.note")}</p>
    </Card>
  );
}
