import type { Metadata } from "next";
import { cookies } from "next/headers";
import { LeaveWithoutAccess } from "@/components/auth/leave-without-access";
import { ClusterNotices } from "@/components/clusters/cluster-notices";
import { ClusterSummaries } from "@/components/clusters/cluster-summary";
import { clusters } from "@/components/clusters/queries";
import { FirstAnswers } from "@/components/frame/first-answers";
import { hourIn, zoneCookie } from "@/components/frame/time-zone";
import { messages } from "@/components/messages";
import { Greeting } from "@/components/people/greeting";
import { MyLimits } from "@/components/people/my-limits";
import { MySessions } from "@/components/sessions/my-sessions";
import { templates } from "@/components/templates/queries";
import { QuickLaunch } from "@/components/templates/quick-launch";
import { requireLogin } from "@/lib/auth/require-login";
import { listClusters } from "@/lib/clusters/list-clusters";
import { endpoints } from "@/lib/endpoints";
import { firstAnswers } from "@/lib/http/first-answers";
import { listTemplates } from "@/lib/templates/list-templates";

export const metadata: Metadata = { title: messages.frame.page.home };

export default async function HomePage() {
  const actor = await requireLogin();
  const first = await firstAnswers(actor, [
    { key: clusters.queryKey, endpoint: endpoints.clusters, verb: listClusters },
    { key: templates.queryKey, endpoint: endpoints.templates, verb: listTemplates },
  ]);
  const zone = (await cookies()).get(zoneCookie)?.value;
  return (
    <FirstAnswers {...first}>
      <LeaveWithoutAccess />
      <Greeting hour={hourIn(zone, first.drawnAt)} />
      <ClusterNotices />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 gap-6">
          <MySessions />
          <QuickLaunch />
        </div>
        <aside className="grid min-w-0 gap-5 max-lg:sm:grid-cols-2" aria-label={messages.people.limits.title}>
          <MyLimits />
          <ClusterSummaries />
        </aside>
      </div>
    </FirstAnswers>
  );
}
