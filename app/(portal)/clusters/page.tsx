import type { Metadata } from "next";
import { ClusterList } from "@/components/clusters/cluster-list";
import { messages } from "@/components/messages";

export const metadata: Metadata = { title: messages.clusters.title };

export default function ClustersPage() {
  return <ClusterList />;
}
