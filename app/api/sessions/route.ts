import { endpoints } from "@/lib/endpoints";
import { PortalError } from "@/lib/errors";
import { route } from "@/lib/route";
import { createSession } from "@/lib/sessions/create-session";
import { listSessions } from "@/lib/sessions/list-sessions";

export const GET = route(endpoints.sessions, ({ actor, query }) => listSessions(actor, query));

export const POST = route(endpoints.createSession, ({ actor, body, request }) => {
  const key = request.headers.get("idempotency-key") ?? "";
  if (!/^[\x20-\x7e]{1,200}$/.test(key)) {
    throw new PortalError("invalid", "Send an Idempotency-Key header of 1 to 200 printable characters.");
  }
  return createSession(actor, body, key);
});
