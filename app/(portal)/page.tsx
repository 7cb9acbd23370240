import type { Metadata } from "next";
import { LeaveWithoutAccess } from "@/components/auth/leave-without-access";
import { ClusterNotices } from "@/components/clusters/cluster-notices";
import { ClusterSummaries } from "@/components/clusters/cluster-summary";
import { messages } from "@/components/messages";
import { Greeting } from "@/components/people/greeting";
import { MyLimits } from "@/components/people/my-limits";
import { MySessions } from "@/components/sessions/my-sessions";
import { QuickLaunch } from "@/components/templates/quick-launch";
import { requireLogin } from "@/lib/auth/require-login";

export const metadata: Metadata = { title: messages.frame.page.home };

export default async function HomePage() {
  await requireLogin();
  return (
    <>
      <LeaveWithoutAccess />
      <Greeting />
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
    </>
  );
}
