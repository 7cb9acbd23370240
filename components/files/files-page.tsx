"use client";
// Everything below /files, by its address.
import { useQuery } from "@tanstack/react-query";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { clusters } from "@/components/clusters/queries";
import { ActivityPanel } from "@/components/files/activity-panel";
import { placeOf } from "@/components/files/address";
import { FilesHome, RootsCard } from "@/components/files/files-home";
import { FolderPage } from "@/components/files/folder-page";
import { TrashCard } from "@/components/files/trash-card";
import { Failed } from "@/components/frame/failed";
import { ButtonLink } from "@/components/ui/button";
import { Missing } from "@/components/ui/missing";
import { PageHeader } from "@/components/ui/page-header";
import { SkeletonPage } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";

export function FilesPage() {
  const place = placeOf(usePathname());
  return (
    <>
      {place ? <OnCluster {...place} /> : <FilesHome />}
      <ActivityPanel />
    </>
  );
}

function OnCluster({ cluster, path }: { cluster: string; path: string | null }) {
  const t = useTranslations("files");
  const known = useQuery(clusters);
  if (known.isPending) return <SkeletonPage label={t("loading")} />;
  if (known.isLoadingError) return <Failed error={known.error} retry={known.refetch} />;
  const found = known.data.find(({ name }) => name === cluster);
  if (!found) {
    const action = <ButtonLink href={paths.files()}>{t("missingCluster.action")}</ButtonLink>;
    return <Missing title={t("missingCluster.title")} text={t("missingCluster.text")} action={action} />;
  }
  // Another folder begins anew: nothing chosen, nothing of the old list.
  if (path !== null) return <FolderPage key={`${cluster} ${path}`} cluster={cluster} path={path} />;
  return (
    <>
      <PageHeader title={found.title} text={t("intro")} />
      <RootsCard cluster={found} />
      <TrashCard cluster={cluster} title={found.title} />
    </>
  );
}
