// Ends what is long when its login or token ends: a download, an archive, an upload or events would go on for as long as they
// take. The connection breaks off, so that neither side takes what there is for whole.
import type { IncomingMessage, ServerResponse } from "node:http";
import { actorFromRequest, namesSomebody } from "@/lib/auth/actor-from-request";
import { onLoginEnded } from "@/lib/auth/known-actors";
import { log } from "@/lib/log";
import { once } from "@/lib/once";

const CHECK_MS = 2_000;

/** With its socket, which a request no longer has once its body was given up. */
type Exchange = Pick<IncomingMessage, "socket"> & { request: IncomingMessage; response: ServerResponse };

/** Not what is about to be answered: it may be the very request that ended the login. A refusal says what is the matter. */
const isLong = ({ request, response }: Exchange): boolean =>
  response.statusCode < 400 && (!request.complete || (response.headersSent && !response.writableEnded));

/** Pages, and the way in, go on without a login. */
const isOfApi = ({ url = "" }: IncomingMessage): boolean =>
  /^\/api\/(?!auth\/)/.test(decodeURIComponent(url.split("?", 1)[0] ?? ""));

function startChecks(): Set<Exchange> {
  const open = new Set<Exchange>();
  const check = async (exchange: Exchange) => {
    // What the API tells everybody is nobody's in particular.
    if (!isLong(exchange) || !namesSomebody(exchange.request) || (await actorFromRequest(exchange.request))) return;
    if (open.has(exchange) && isLong(exchange)) exchange.socket.destroy();
  };
  const checkAll = () => {
    // A database that does not answer is no reason to cut anybody.
    for (const exchange of open) check(exchange).catch((error) => log().debug({ err: error }, "login.unknown"));
  };
  onLoginEnded(checkAll);
  setInterval(checkAll, CHECK_MS).unref();
  return open;
}

/** Cuts a request to the portal off when its login ends while it sends its body or is being answered. Its path must be decodable. */
export function cutWithLogin(request: IncomingMessage, response: ServerResponse): void {
  if (!isOfApi(request)) return;
  const open = once("gateway.with-login", startChecks);
  const exchange = { request, response, socket: request.socket };
  open.add(exchange);
  response.once("close", () => open.delete(exchange));
}
