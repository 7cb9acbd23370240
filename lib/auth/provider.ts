// The institution's OpenID Connect provider, as next-auth and signing out need it. What it says about itself is read
// from its discovery document each time: there is nothing to go stale, and no other way in when it is away.
import type { OAuthConfig } from "next-auth/providers/oauth";
import { z } from "zod";
import { type Claims, mergedClaims } from "@/lib/auth/claims";
import { config } from "@/lib/config";
import { env } from "@/lib/env";
import { paths } from "@/lib/paths";

export const PROVIDER_ID = "oidc";
const TIMEOUT_MS = 8_000;
/** Servers take an address of 8 KiB with the rest of a request's head; with the groups of some people a token has more. */
const MOST_HINT = 4000;

const discoveryAddress = (): string => `${config().signIn.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;

/** next-auth's provider: authorization code with PKCE, state and nonce; the id_token's signature, issuer, audience and nonce are checked. */
export function oidcProvider(): OAuthConfig<Claims> {
  const { issuer, clientId, scope, provider, idTokenAlgorithm } = config().signIn;
  const clientSecret = env().oidcClientSecret ?? undefined;
  return {
    id: PROVIDER_ID,
    name: provider,
    type: "oauth",
    wellKnown: discoveryAddress(),
    issuer,
    clientId,
    clientSecret,
    client: {
      id_token_signed_response_alg: idTokenAlgorithm,
      ...(clientSecret ? {} : { token_endpoint_auth_method: "none" }),
    },
    checks: ["pkce", "state", "nonce"],
    idToken: true,
    authorization: { params: { scope } },
    httpOptions: { timeout: TIMEOUT_MS },
    userinfo: {
      // Many providers give groups only here. What the signed id_token says wins; the library compares the subjects.
      request: async ({ tokens, client }) => {
        const signed = (tokens as { claims(): Claims }).claims();
        const asked = client.issuer.metadata.userinfo_endpoint
          ? await client.userinfo(String(tokens.access_token))
          : {};
        if ("sub" in asked && asked.sub !== signed.sub) throw new Error("userinfo is about somebody else");
        return mergedClaims(signed, asked, config());
      },
    },
    profile: (claims) => ({ id: String(claims.sub) }),
  };
}

const discovery = z.object({ end_session_endpoint: z.url({ protocol: /^https?$/ }).optional() });

/**
 * Where the browser ends the login at the provider and comes back to the sign-in page; our own sign-in page when the
 * provider is away or has no such address. https://openid.net/specs/openid-connect-rpinitiated-1_0.html
 */
export async function endSessionUrl(idToken: string | null): Promise<string> {
  const { signIn, url } = config();
  const back = new URL(paths.signIn(), url);
  const answer = await fetch(discoveryAddress(), { signal: AbortSignal.timeout(TIMEOUT_MS) })
    .then((response) => response.json())
    .catch(() => null);
  const endpoint = discovery.safeParse(answer).data?.end_session_endpoint;
  if (!endpoint) return `${back.pathname}?problem=signed-out`;
  const target = new URL(endpoint);
  target.searchParams.set("client_id", signIn.clientId);
  target.searchParams.set("post_logout_redirect_uri", back.href);
  // Without it the provider asks the person.
  if (idToken && idToken.length <= MOST_HINT) target.searchParams.set("id_token_hint", idToken);
  return target.href;
}
