"use client";
// The way to a folder, as links. Long ways lose their middle, never their end.
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Fragment, type ReactNode } from "react";
import { type Crumb, crumbsOf } from "@/components/files/address";
import { useKept } from "@/components/files/folder-state";
import type { FileRoot } from "@/lib/files/schema";
import { paths } from "@/lib/paths";

/** The most that is shown; the rest is in the way that is left out. */
const most = 5;

type Props = {
  cluster: { name: string; title: string };
  path: string;
  root: string;
  roots: FileRoot[];
  /** The file that is looked at. */
  file: string | null;
  /** Beside the name of the folder that is looked at. */
  menu: ReactNode;
};

export function FolderCrumbs({ cluster, path, root, roots, file, menu }: Props) {
  const t = useTranslations("files");
  const [first, ...others] = crumbsOf(path, root);
  const start = first && { ...first, name: roots.find((entry) => entry.path === first.path)?.title ?? first.name };
  const shown = others.slice(-most);
  const step = ({ path: to, name }: Crumb, isLast: boolean) => (
    <Fragment key={to}>
      <li aria-hidden className="text-ink3">
        <ChevronRight className="size-4" />
      </li>
      <li className="flex min-w-0 items-center">
        {isLast && file === null ? (
          <>
            <h1 dir="auto" aria-current="page" className="min-w-0 truncate px-1 font-semibold">
              {name}
            </h1>
            {menu}
          </>
        ) : (
          <CrumbLink href={paths.folder(cluster.name, to)} name={name} />
        )}
      </li>
    </Fragment>
  );
  return (
    <nav aria-label={t("crumbs")} className="min-w-0 flex-1 basis-60">
      <ol className="flex min-w-0 flex-wrap items-center gap-y-1 text-lg">
        <li className="-ml-1 min-w-0">
          <CrumbLink href={paths.clusterFiles(cluster.name)} name={cluster.title} />
        </li>
        {start ? step(start, others.length === 0) : null}
        {others.length > shown.length ? (
          <li className="px-1 text-ink3" title={others.map(({ name }) => name).join("/")}>
            …
          </li>
        ) : null}
        {shown.map((crumb, at) => step(crumb, at === shown.length - 1))}
        {file === null ? null : (
          <>
            <li aria-hidden className="text-ink3">
              <ChevronRight className="size-4" />
            </li>
            <li className="min-w-0">
              <h1 dir="auto" aria-current="page" className="truncate px-1 font-semibold">
                {file}
              </h1>
            </li>
          </>
        )}
      </ol>
    </nav>
  );
}

function CrumbLink({ href, name }: { href: string; name: string }) {
  const kept = useKept();
  return (
    <Link
      href={kept(href)}
      prefetch={false}
      dir="auto"
      className="block max-w-60 truncate rounded px-1 text-ink2 hover:text-ink hover:underline"
    >
      {name}
    </Link>
  );
}
