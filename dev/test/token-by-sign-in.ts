// A token as the pages make one. The operators' command would be two more processes for each, and a busy machine has none to
// spare; who holds something that the portal needs, such as a proxy of its database, must not wait for it either.
import "./localhost-names";
import { TestBrowser } from "@/dev/test-browser";
import { createdToken, scopes } from "@/lib/auth/schema";
import { api as paths } from "@/lib/paths";

/** Signs the person in at the portal of `url`; the token has every scope and lasts a day. */
export async function tokenBySignIn(who: string, url: string): Promise<string> {
  const browser = new TestBrowser(url);
  await browser.signIn(who);
  const answer = await browser.post(paths.tokens(), { name: "tests", scopes: [...scopes], days: 1 });
  return createdToken.parse(await answer.json()).secret;
}
