// A real OpenID Connect provider for the demo and for tests: authorization code with PKCE, signed id_tokens, userinfo,
// sign-out begun by the portal. Only the password is missing. It keeps sessions in memory and nothing on disk but its keys.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:http";
import Provider, { type Configuration, type KoaContextWithOIDC } from "oidc-provider";
import type { DemoAccount } from "./accounts";
import { loadKeys } from "./keys";
import { pickerPage, problemPage, signOutPage } from "./pages";

export type IdpSettings = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The portal's callback addresses; people come back to /sign-in on the same origins after signing out. */
  redirects: string[];
  accounts: DemoAccount[];
  keysDirectory?: string;
  log?: (line: string) => void;
};

const INTERACTION = /^\/interaction\/([\w-]+)$/;
const LONGEST_FORM_BYTES = 4096;

const portalOf = (settings: IdpSettings): string => new URL("/", settings.redirects[0]).href;

/** Everything that was asked for is granted: there is one client, and it is ours. */
async function grantAll(ctx: KoaContextWithOIDC) {
  const { client, session, provider } = ctx.oidc;
  if (!client || !session?.accountId) return undefined;
  const known = session.grantIdFor(client.clientId);
  const found = known ? await provider.Grant.find(known) : undefined;
  if (found) return found;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid profile email");
  await grant.save();
  return grant;
}

function claimNames(accounts: DemoAccount[]): string[] {
  const names = new Set(accounts.flatMap((account) => Object.keys(account)));
  return [...names].filter((name) => !["sub", "note", "email", "email_verified"].includes(name));
}

function configuration(settings: IdpSettings): Configuration {
  const { accounts, clientId, clientSecret, redirects } = settings;
  const keys = loadKeys(settings.keysDirectory);
  const port = new URL(settings.issuer).port || "443";
  const name = (purpose: string) => `idp_${purpose}_${port}`;
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: redirects,
        post_logout_redirect_uris: redirects.map((address) => new URL("/sign-in", address).href),
      },
    ],
    jwks: keys.jwks,
    cookies: {
      keys: keys.cookies,
      // Cookies ignore ports, and two demos may run on one machine.
      names: { session: name("session"), interaction: name("interaction"), resume: name("resume") },
    },
    claims: { openid: ["sub"], profile: claimNames(accounts), email: ["email", "email_verified"] },
    pkce: { required: () => true },
    ttl: {
      Interaction: 1800,
      Session: 12 * 3600,
      Grant: 12 * 3600,
      IdToken: 3600,
      AccessToken: 3600,
      AuthorizationCode: 60,
    },
    findAccount: (_ctx, sub) => {
      const account = accounts.find((entry) => entry.sub === sub);
      if (!account) return undefined;
      const { note: _note, ...claims } = account;
      return { accountId: sub, claims: () => claims };
    },
    loadExistingGrant: grantAll,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        logoutSource: (ctx, form) => {
          ctx.body = signOutPage(form);
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.redirect(portalOf(settings));
        },
      },
    },
    renderError: (ctx, out) => {
      const words = `${out.error}: ${out.error_description ?? "no more is known"}`;
      ctx.type = "html";
      ctx.body = problemPage(words, portalOf(settings));
    },
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > LONGEST_FORM_BYTES) break;
  }
  return new URLSearchParams(text);
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(html);
}

function interactionPages(provider: Provider, settings: IdpSettings) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Throws when the cookie of this very sign-in is missing, or the sign-in is too old.
    await provider.interactionDetails(request, response);
    if (request.method !== "POST") return send(response, 200, pickerPage(settings.accounts, request.url ?? ""));
    const accountId = (await readForm(request)).get("account") ?? "";
    if (!settings.accounts.some(({ sub }) => sub === accountId)) throw new Error(`There is no account ${accountId}.`);
    settings.log?.(`signed in ${accountId}`);
    await provider.interactionFinished(request, response, { login: { accountId } });
  };
}

/** The provider as an HTTP server that does not listen yet. */
export function createIdp(settings: IdpSettings): Server {
  const provider = new Provider(settings.issuer, configuration(settings));
  const answer = provider.callback();
  const interact = interactionPages(provider, settings);
  const told = (_ctx: unknown, error: Error & { error_description?: string }) =>
    settings.log?.(`refused: ${error.message}: ${error.error_description ?? "no more is known"}`);
  provider.on("authorization.error", told);
  provider.on("grant.error", told);
  provider.on("userinfo.error", told);
  provider.on("end_session.error", told);
  provider.on("server_error", told);
  return createServer((request, response) => {
    response.setHeader("content-security-policy", "frame-ancestors 'none'");
    response.setHeader("x-content-type-options", "nosniff");
    const { pathname } = new URL(request.url ?? "/", settings.issuer);
    // Browsers ask for it by themselves, and would note an error.
    if (pathname === "/favicon.ico") return void response.writeHead(204).end();
    if (!INTERACTION.test(pathname)) return void answer(request, response);
    interact(request, response).catch((error: Error) => {
      settings.log?.(`interaction failed: ${error.message}`);
      send(response, 400, problemPage(error.message, portalOf(settings)));
    });
  });
}
