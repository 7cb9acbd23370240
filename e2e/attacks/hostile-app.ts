// A session whose app means harm (templates/hostile), opened as its owner's browser opens it: by a one-time ticket.
import { type Api, smallFolder, untilState } from "@/e2e/api";
import { type Asked, apiAs, appHost, type Reply, send } from "@/e2e/attacks/site";
import { api as paths } from "@/lib/paths";
import type { ResourceRequest, SessionView } from "@/lib/sessions/schema";

/** A request as the app received it. */
export type Seen = { head: string; body: string; connection: number };

export type HostileApp = {
  api: Api;
  session: SessionView;
  id: string;
  host: string;
  /** `name=value` of the app origin's own cookie. */
  cookie: string;
  /** One request with the cookie, on a connection of its own. */
  ask: (path: string, asked?: Asked) => Promise<Reply>;
  /** What the app received whose head or body contains `mark`. */
  seen: (mark: string) => Promise<Seen[]>;
};

export const hostile = (more: Partial<ResourceRequest> = {}): ResourceRequest => ({
  ...smallFolder("hpc"),
  template: "hostile",
  memoryGiB: 0.3,
  minutes: 60,
  ...more,
});

/** What jobs that forge their connection record say is their app's secret: it is entered as a parameter, and nobody's secret. */
export const forgedSecret = "0123456789abcdef".repeat(4);

/** Redeems a ticket without a browser: the first cookie that the app's origin sets. */
export async function enterApp(api: Api, id: string): Promise<string> {
  const { url } = await api.must<{ url: string }>(paths.ticket(id), { method: "POST" });
  const { pathname, search } = new URL(url);
  const { status, headers } = await send(pathname + search, { host: appHost(id) });
  const [cookie] = headers["set-cookie"]?.[0]?.split(";") ?? [];
  if (status !== 303 || !cookie) throw new Error(`The ticket of ${id} was answered ${status}.`);
  return cookie;
}

/** Name of the answer endpoint with all that it shall answer. */
export const saying = (body: string, headers: [string, string][] = [], status = 200): string =>
  `/_answer?${new URLSearchParams({ body, headers: JSON.stringify(headers), status: String(status) })}`;

/** The person's hostile session called `name`, started by whichever file needs it first: they share one. */
export async function hostileApp(who: string, name = "Hostile"): Promise<HostileApp> {
  const api = apiAs(who);
  const known = (await api.live()).find((one) => one.name === name && one.state !== "stopping");
  const { id } = known ?? (await api.create(hostile({ name })));
  const session = await untilState(api, id, "ready");
  const [host, cookie] = [appHost(id), await enterApp(api, id)];
  const ask = (path: string, { headers = {}, ...asked }: Asked = {}) =>
    send(path, { host, ...asked, headers: { cookie, ...headers } });
  // What an earlier file sent would be taken for this one's.
  await ask("/_forget");
  const seen = async (mark: string): Promise<Seen[]> => {
    const { body } = await ask("/_seen");
    // The template's own answer.
    const all = JSON.parse(body) as Seen[];
    return all.filter((one) => (one.head + one.body).includes(mark));
  };
  return { api, session, id, host, cookie, ask, seen };
}
