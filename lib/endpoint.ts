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
  method: "GET" | "POST" | "DELETE";
  /** As OpenAPI writes it: `/api/sessions/{id}`. */
  path: string;
  summary: string;
  /** null: no login needed. */
  scope: Needs;
  status?: 200 | 201 | 204;
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** Request headers that matter, for the description. */
  headers?: Record<string, string>;
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
