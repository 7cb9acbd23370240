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

/** Takes one of the caller's tries; throws `too_many` when none is left. */
async function take(name: string, caller: string, limiter: RateLimiterMemory): Promise<void> {
  try {
    await limiter.consume(caller);
  } catch (reason) {
    throw reason instanceof RateLimiterRes ? tooMany(name, reason) : reason;
  }
}

/** Counts one request of `caller` for `name`; throws `too_many` beyond `perMinute` of them in a minute. */
export async function limitRate(name: string, caller: string, perMinute: number): Promise<void> {
  await take(name, caller, limiterOf(name, perMinute));
}

/**
 * What `attempt` finds; what found nothing counts, and beyond so many in a minute nothing is attempted but `too_many` thrown. A
 * try is taken before it is made and given back when it is no failure: many at once are no way around.
 */
export async function limitFailures<T>(
  name: string,
  { caller, perMinute }: { caller: string; perMinute: number },
  attempt: () => Promise<T | null>,
): Promise<T | null> {
  const limiter = limiterOf(name, perMinute);
  let isFailure = false;
  try {
    await take(name, caller, limiter);
    const found = await attempt();
    isFailure = found === null;
    return found;
  } finally {
    // One that was refused was counted, too.
    if (!isFailure) await limiter.reward(caller);
  }
}
