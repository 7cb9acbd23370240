import { endpoints } from "@/lib/endpoints";
import { eventStream } from "@/lib/events";
import { route } from "@/lib/route";

export const GET = route(endpoints.events, ({ actor, query, request }) =>
  eventStream(actor, request.headers.get("last-event-id") ?? query.since ?? null),
);
