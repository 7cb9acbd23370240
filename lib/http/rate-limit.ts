// How often one caller may use one endpoint, counted in this process's memory: it protects the process, and a site with
// several replicas allows several times as much.
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { PortalError } from "@/lib/errors";
import { metrics } from "@/lib/metrics";
import { once } from "@/lib/once";

const limiterOf = (name: string, perMinute: number) =>
  once(`rate:${name}:${perMinute}`, () => new RateLimiterMemory({ keyPrefix: name, points: perMinute, duration: 60 }));

function tooMany(name: string, { msBeforeNext }: RateLimiterRes): PortalError {
  metrics().rateLimited.inc({ route: name });
  const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  return new PortalError("too_many", `Too many requests. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
}

/** Counts one request of `caller` for `name`; throws `too_many` beyond `perMinute` of them in a minute. */
export async function limitRate(name: string, caller: string, perMinute: number): Promise<void> {
  try {
    await limiterOf(name, perMinute).consume(caller);
  } catch (reason) {
    throw reason instanceof RateLimiterRes ? tooMany(name, reason) : reason;
  }
}

/** What `attempt` finds; what found nothing counts, and beyond so many in a minute nothing is attempted but `too_many` thrown. */
export async function limitFailures<T>(
  name: string,
  { caller, perMinute }: { caller: string; perMinute: number },
  attempt: () => Promise<T | null>,
): Promise<T | null> {
  const limiter = limiterOf(name, perMinute);
  const spent = await limiter.get(caller);
  if (spent && spent.remainingPoints <= 0) throw tooMany(name, spent);
  const found = await attempt();
  if (found === null) await limiter.penalty(caller);
  return found;
}
