import { handleSignIn } from "@/lib/auth/sign-in-flow";

const handler = async (request: Request, { params }: { params: Promise<{ step: string[] }> }) =>
  handleSignIn(request, (await params).step);

export { handler as GET, handler as POST };
