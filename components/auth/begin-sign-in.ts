// The two requests before the browser leaves for the provider. Not a form: where a form may lead is held to the page's
// own policy, and the provider is another origin.
import { paths } from "@/lib/paths";

/** The address to go to. Throws when the portal does not answer as it should. */
export async function beginSignIn(callbackUrl: string): Promise<string> {
  const { csrfToken } = await json(await fetch("/api/auth/csrf", { cache: "no-store" }));
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ csrfToken, callbackUrl });
  const answer = await fetch("/api/auth/signin/oidc", { method: "POST", headers, body });
  if (answer.status === 429) return `${paths.signIn()}?problem=too-many`;
  return (await json(answer)).url ?? paths.signIn();
}

async function json(response: Response): Promise<{ csrfToken?: string; url?: string }> {
  if (!response.ok) throw new Error(`The portal answered with status ${response.status}.`);
  return response.json();
}
