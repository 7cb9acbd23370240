"use client";
// Launching a session in a folder: which kind, then the composer with the folder filled in.
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { templates } from "@/components/templates/queries";
import { TemplateIcon } from "@/components/templates/template-icon";
import { Dialog } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";

type Props = { cluster: string; folder: string | null; onClose: () => void };

export function LaunchHereDialog({ cluster, folder, onClose }: Props) {
  const t = useTranslations("files");
  return (
    <Dialog open={folder !== null} onClose={onClose} title={t("action.launchTitle")} description={folder}>
      <Choices cluster={cluster} folder={folder ?? ""} />
    </Dialog>
  );
}

function Choices({ cluster, folder }: { cluster: string; folder: string }) {
  const known = useQuery(templates);
  if (!known.data) return <Skeleton className="h-24" />;
  const query = new URLSearchParams({ cluster, workdir: folder });
  return (
    <ul className="grid gap-1">
      {known.data.map(({ name, title }) => (
        <li key={name}>
          <Link
            href={`${paths.compose(name)}?${query}`}
            className="flex min-h-12 items-center gap-3 rounded-md px-2 hover:bg-sunk"
          >
            <TemplateIcon name={name} size="sm" />
            <span className="font-semibold">{title}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
