import { listUsers } from "@/lib/auth/list-users";
import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

export const GET = route(endpoints.users, ({ actor, query }) => listUsers(actor, query));
