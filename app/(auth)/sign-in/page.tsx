import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { SignInCard } from "@/components/auth/sign-in-card";
import { messages } from "@/components/messages";
import { describeSignIn } from "@/lib/auth/describe-sign-in";

export const metadata: Metadata = { title: messages.auth.title };

export default async function SignInPage({ searchParams }: { searchParams: Promise<Record<string, unknown>> }) {
  const found = await describeSignIn({ headers: await headers() }, await searchParams);
  if (found.signedIn) redirect(found.returnPath);
  return <SignInCard facts={found} />;
}
