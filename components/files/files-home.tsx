"use client";
// Where files begin: the folders of every cluster, and those looked at lately.
import { useQuery } from "@tanstack/react-query";
import { FolderClosed, History, Lock } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { clusters } from "@/components/clusters/queries";
import { fileRoots } from "@/components/files/queries";
import { recentFolders } from "@/components/files/recent";
import { Failed } from "@/components/frame/failed";
import { Card } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { SkeletonRows } from "@/components/ui/skeleton";
import { displayPath } from "@/lib/files/rules";
import { paths } from "@/lib/paths";

export function FilesHome() {
  const t = useTranslations("files");
  const known = useQuery(clusters);
  return (
    <>
      <PageHeader title={t("title")} text={t("intro")} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="grid min-w-0 gap-5">
          {known.isPending ? <SkeletonRows label={t("loading")} /> : null}
          {known.isError ? <Failed error={known.error} retry={known.refetch} /> : null}
          {known.data?.map(({ name, title }) => (
            <RootsCard
              key={name}
              cluster={{ name, title }}
              action={
                <Link href={paths.clusterFiles(name)} className="link px-1.5 text-sm">
                  {t("openCluster")}
                </Link>
              }
            />
          ))}
        </div>
        <Recent />
      </div>
    </>
  );
}

type RootsProps = { cluster: { name: string; title: string }; action?: React.ReactNode };

export function RootsCard({ cluster, action }: RootsProps) {
  const t = useTranslations("files");
  const found = useQuery(fileRoots(cluster.name));
  return (
    <Card flush title={t("roots", { cluster: cluster.title })} actions={action}>
      {found.isPending ? <SkeletonRows rows={2} label={t("loading")} /> : null}
      {found.isError ? <Failed error={found.error} retry={found.refetch} /> : null}
      {found.data?.length === 0 ? (
        <p className="px-5 pb-5 text-ink2">{t("noRoots", { cluster: cluster.title })}</p>
      ) : null}
      <ul className="divide-y divide-line border-line border-t empty:hidden">
        {found.data?.map(({ title, path, name, writable }) => (
          <FolderLink
            key={path}
            href={paths.folder(cluster.name, path)}
            icon={
              <FolderClosed aria-hidden className="size-5 shrink-0 fill-accent-soft text-accent" strokeWidth={1.7} />
            }
            title={title}
            text={name}
            note={
              writable ? null : (
                <span className="flex items-center gap-1 text-sm text-ink3">
                  <Lock aria-hidden className="size-3.5" />
                  {t("readOnly")}
                </span>
              )
            }
          />
        ))}
      </ul>
    </Card>
  );
}

function Recent() {
  const t = useTranslations("files");
  const known = useQuery(clusters).data ?? [];
  const recent = recentFolders().filter(({ cluster }) => known.some(({ name }) => name === cluster));
  if (recent.length === 0) return null;
  return (
    <Card flush title={t("recent")}>
      <ul className="divide-y divide-line border-line border-t">
        {recent.map(({ cluster, path, name }) => (
          <FolderLink
            key={`${cluster} ${path}`}
            href={paths.folder(cluster, path)}
            icon={<History aria-hidden className="size-4.5 shrink-0 text-ink3" />}
            title={name}
            text={known.length > 1 ? `${cluster} · ${displayPath(path)}` : displayPath(path)}
          />
        ))}
      </ul>
    </Card>
  );
}

type LinkProps = { href: string; icon: React.ReactNode; title: string; text: string; note?: React.ReactNode };

function FolderLink({ href, icon, title, text, note }: LinkProps) {
  return (
    <li>
      <Link
        href={href}
        prefetch={false}
        className="flex min-h-14 items-center gap-3 px-4 py-2 hover:bg-sunk/60 sm:px-5"
      >
        {icon}
        <span className="min-w-0 flex-1">
          <span dir="auto" className="block truncate font-semibold">
            {title}
          </span>
          <span dir="auto" className="block truncate font-mono text-xs text-ink3">
            {text}
          </span>
        </span>
        {note}
      </Link>
    </li>
  );
}
