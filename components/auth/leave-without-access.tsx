"use client";
// Put on the start page: a person whom no cluster admits is taken to the page that says what is missing.
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { clusters } from "@/components/clusters/queries";
import { paths } from "@/lib/paths";

export function LeaveWithoutAccess() {
  const { data } = useQuery(clusters);
  const router = useRouter();
  const nowhere = data !== undefined && data.length > 0 && data.every((cluster) => !cluster.me.admitted);
  useEffect(() => {
    if (nowhere) router.replace(paths.noAccess());
  }, [nowhere, router]);
  return null;
}
