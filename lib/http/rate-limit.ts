// How often one caller may use one endpoint, counted in this process's memory: it protects the process, and a site with
// several replicas allows several times as much.
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { PortalError } from "@/lib/errors";
import { metrics } from "@/lib/metrics";
import { once } from "@/lib/once";

/** Counts one request of `caller` for `name`; throws `too_many` beyond `perMinute` of them in a minute. */
export async function limitRate(name: string, caller: string, perMinute: number): Promise<void> {
  const limiter = once(
    `rate:${name}:${perMinute}`,
    () => new RateLimiterMemory({ keyPrefix: name, points: perMinute, duration: 60 }),
  );
  try {
    await limiter.consume(caller);
  } catch (reason) {
    if (!(reason instanceof RateLimiterRes)) throw reason;
    metrics().rateLimited.inc({ route: name });
    const retryAfterSeconds = Math.max(1, Math.ceil(reason.msBeforeNext / 1000));
    throw new PortalError("too_many", `Too many requests. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
  }
}
