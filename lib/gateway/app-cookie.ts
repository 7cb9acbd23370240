// The cookie of an app's origin: says which session it opens and for which login, signed with a key that is of no use
// for anything else. It proves nothing by itself: session, owner and login are asked again on every request.
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { PersonActor } from "@/lib/actor";
import { once } from "@/lib/once";
import { deriveKey } from "@/lib/seal";

/** The login or token on whose behalf an app was opened. */
export type Holder = Pick<PersonActor, "kind" | "via" | "userId">;
export type AppCookie = Holder & { sessionId: string; expiresAt: Date };

const content = z.tuple([z.string(), z.string(), z.enum(["user", "token"]), z.string(), z.number()]);

// Derived once: this is on the path of every request.
const key = (): Buffer => once("gateway.cookie-key", () => deriveKey("app cookie"));

const mac = (text: string): Buffer => createHmac("sha256", key()).update(text).digest();

const signed = (text: string): string => `${text}.${mac(text).toString("base64url")}`;

/** The cookie's value. */
export function signAppCookie(cookie: AppCookie): string {
  const { sessionId, userId, kind, via, expiresAt } = cookie;
  const text = Buffer.from(JSON.stringify([sessionId, userId, kind, via, expiresAt.getTime()])).toString("base64url");
  return signed(text);
}

/** Three times what ours have. */
const longest = 1024;

/** Compared as it is written: bytes that a decoder reads the same would be other spellings, each kept below. */
function verified(value: string): AppCookie | null {
  if (value.length > longest) return null;
  const text = value.slice(0, Math.max(0, value.lastIndexOf(".")));
  const given = Buffer.from(value);
  const wanted = Buffer.from(signed(text));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  const [sessionId, userId, kind, via, expires] = content.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  return { sessionId, userId, kind, via, expiresAt: new Date(expires) };
}

/** A browser sends the same cookie with every request: what was found good is good again, until it expires. */
const mostKnown = 10_000;

/** What a cookie's value says, or null when it is not ours or has expired. */
export function readAppCookie(value: string, now: Date): AppCookie | null {
  const known = once("gateway.known-cookies", () => new Map<string, AppCookie>());
  const cookie = known.get(value) ?? verified(value);
  if (!cookie || cookie.expiresAt <= now) {
    known.delete(value);
    return null;
  }
  if (known.size >= mostKnown) known.clear();
  known.set(value, cookie);
  return cookie;
}
