import type { Metadata } from "next";
import { ClusterList } from "@/components/clusters/cluster-list";
import { messages } from "@/components/messages";
import { requireLogin } from "@/lib/auth/require-login";

export const metadata: Metadata = { title: messages.clusters.title };

export default async function ClustersPage() {
  await requireLogin();
  return <ClusterList />;
}
