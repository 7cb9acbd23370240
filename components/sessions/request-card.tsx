"use client";
// What was asked for and what became of it, for comparing with the scheduler's own tools and for support.
import Link from "next/link";
import { useTranslations } from "next-intl";
import { gpuLabel, plain } from "@/components/sessions/describe";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { Facts } from "@/components/ui/facts";
import { encodePath } from "@/lib/files/rules";
import { paths } from "@/lib/paths";
import type { ResourceRequest, SessionView } from "@/lib/sessions/schema";
import { formatGiB, formatMinutes } from "@/lib/units";

function softwareWords(software: ResourceRequest["software"]): string | null {
  if (software?.kind === "modules") return software.modules.join(", ");
  return software?.kind === "image" ? software.image : null;
}

const folderHref = (cluster: string, directory: string): string =>
  paths.folder(cluster, encodePath(new TextEncoder().encode(directory)));

/** What was asked for, word for word, and the names it is known by elsewhere. */
export function RequestCard({ session }: { session: SessionView }) {
  const t = useTranslations("sessions");
  const { request } = session;
  // Paths and ids are copied letter by letter: in a face that tells l from 1.
  const mono = (text: string | null) => (text ? <code className="font-mono text-[0.78rem]">{plain(text)}</code> : null);
  const gpus = request.gpus ? `${request.gpus}${request.gpuType ? ` × ${gpuLabel(request.gpuType)}` : ""}` : null;
  const directory = session.directory ? (
    <Link href={folderHref(session.cluster, session.directory)} prefetch={false} className="link">
      {mono(session.directory)}
    </Link>
  ) : null;
  return (
    <Card
      title={t("request.title")}
      actions={<CopyButton text={session.id} label={t("request.copyId")} done={t("copied")} />}
    >
      <Facts
        items={[
          [t("request.cores"), String(request.cpus)],
          [t("request.memory"), formatGiB(request.memoryGiB)],
          [t("request.gpus"), gpus],
          [t("request.time"), formatMinutes(request.minutes)],
          [t("request.scratch"), request.scratchGiB ? formatGiB(request.scratchGiB) : null],
          [t("request.nodes"), request.nodes ? String(request.nodes) : null],
          [t("request.software"), softwareWords(request.software)],
          ...Object.entries(request.parameters ?? {}).map(([name, value]): [string, string | null] => [
            name,
            value === "" ? null : plain(String(value)),
          ]),
          [t("request.partition"), session.partition],
          [t("request.account"), session.account],
          [t("request.qos"), request.qos],
          [t("request.reservation"), request.reservation],
          [t("request.constraint"), request.constraint],
          [t("request.workdir"), mono(request.workdir ?? null)],
          [t("request.runsAs"), session.unixAccount],
          [t("request.template"), `${session.template} ${session.templateVersion}`],
          [t("request.directory"), directory],
          [t("request.id"), mono(session.id)],
        ]}
      />
    </Card>
  );
}
