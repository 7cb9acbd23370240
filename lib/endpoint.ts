// One endpoint of the API: method, path, who may call it, what goes in and out. lib/endpoints.ts has them all.
import { z } from "zod";
import type { Scope } from "@/lib/auth/schema";

export type Endpoint<
  Params = unknown,
  Query = unknown,
  Body = unknown,
  Answer = unknown,
  Needs extends Scope | null = Scope | null,
> = {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As OpenAPI writes it: `/api/sessions/{id}`. */
  path: string;
  summary: string;
  /** null: no login needed. */
  scope: Needs;
  status?: 200 | 201 | 204;
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** The body is bytes of this type, as long as they come: the handler reads `request.body` itself. */
  bodyMedia?: string;
  /** Request headers that matter, for the description. */
  headers?: Record<string, string>;
  /** Statuses that it may answer with besides `status` and faults, and what each means, for the description. */
  also?: Partial<Record<206 | 304 | 412 | 416, string>>;
  /** Absent: not JSON (`media` says what). */
  answer?: z.ZodType<Answer>;
  media?: string;
  /** Requests a person may make a minute. Default 300. */
  perMinute?: number;
};

export const endpoint = <Params, Query, Body, Answer, const Needs extends Scope | null>(
  given: Endpoint<Params, Query, Body, Answer, Needs>,
) => given;

export const list = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** 1 to `max` in a query, written in plain digits: z.coerce.number() would take 0x10, 1e2 and blanks as well. */
export const count = (max: number, fallback: number) =>
  z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/, `A whole number from 1 to ${max}.`)
    .transform(Number)
    .pipe(z.number().max(max, `At most ${max}.`))
    .default(fallback)
    .meta({ override: { type: "integer", pattern: undefined, minimum: 1, maximum: max, default: fallback } });

/** Where the next page begins: what an answer's `nextCursor` said. */
export const cursor = z.string().regex(/^[A-Za-z0-9._-]{1,200}$/, "Not a cursor of this list.");
