import { describePerson } from "@/lib/auth/describe-person";
import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

export const GET = route(endpoints.me, ({ actor }) => describePerson(actor));
