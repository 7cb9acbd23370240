// Which login node to try, and when to leave one alone: the last that worked first, then the others in their order.
// A circuit breaker per node: after a failure it is skipped for 1, 2, 4 ... seconds, then one caller tries it again.
import { PortalError } from "@/lib/errors";
import { HungUp, type LoginNode, NodeFailure } from "./connection";

type Health = {
  node: LoginNode;
  failures: number;
  failedAt: number;
  closedUntil: number;
  isBeingTried: boolean;
  fault: PortalError | null;
};

export type LoginNodes = {
  /**
   * Calls `attempt` with one node after another until one works. A NodeFailure closes its node for a while; any other error
   * is a refusal of this person, which another node may not share (one in maintenance refuses everybody): the first is thrown
   * when none does better, and for a minute only one node is asked for that person. Who is hung up on is asked for again first.
   * Throws PortalError when no node works, at once when all are known to be down.
   */
  attempt<T>(user: string, attempt: Attempt<T>): Promise<T>;
  /** Throws at once when no node would be tried now. */
  failWhenAllAreDown(): void;
};

const REFUSED_SECONDS = 60;

type Tried<T> = { value: T } | { refusal: unknown } | null;

type Attempt<T> = (node: LoginNode) => Promise<T>;

/** A node that goes down while somebody logs in hangs up once; one that refuses the account so does it each time. */
const untilSure =
  <T>(attempt: Attempt<T>): Attempt<T> =>
  (node) =>
    attempt(node).catch((error) => {
      if (error instanceof HungUp) return attempt(node);
      throw error;
    });

const now = (): number => performance.now() / 1000;

/** At once known to be down: the last fault, and when it is worth asking again. */
function closedError(nodes: readonly Health[]): PortalError {
  const known = nodes.flatMap(({ fault }) => fault ?? []);
  const soonest = Math.min(...nodes.map(({ closedUntil }) => closedUntil));
  const retryAfterSeconds = Math.max(1, Math.ceil(soonest - now()));
  const message = known.map((fault) => fault.message).join("; ") || "The login nodes are being tried";
  return new PortalError(known.at(-1)?.code ?? "cluster", message, { retryAfterSeconds, words: known.at(-1)?.words });
}

export function loginNodes(nodes: readonly LoginNode[], retrySeconds: number): LoginNodes {
  const all: Health[] = nodes.map((node) => ({
    node,
    failures: 0,
    failedAt: 0,
    closedUntil: 0,
    isBeingTried: false,
    fault: null,
  }));
  const refusedUntil = new Map<string, number>();
  let preferred = all[0];

  const isOpen = (health: Health): boolean =>
    health.failures === 0 || (now() >= health.closedUntil && !health.isBeingTried);

  const answered = (health: Health) => Object.assign(health, { failures: 0, closedUntil: 0, fault: null });

  const fail = (health: Health, fault: PortalError, startedAt: number) => {
    // Of many that were tried at once one failure counts: it is one and the same.
    if (startedAt < health.failedAt) return;
    const failures = health.failures + 1;
    const closedUntil = now() + Math.min(retrySeconds, 2 ** (failures - 1));
    Object.assign(health, { failures, failedAt: now(), closedUntil, fault });
  };

  /** The value, or this person's refusal, or null when the node was at fault. */
  async function tryNode<T>(health: Health, attempt: Attempt<T>): Promise<Tried<T>> {
    const startedAt = now();
    health.isBeingTried = true;
    try {
      const value = await attempt(health.node);
      answered(health);
      preferred = health;
      return { value };
    } catch (error) {
      if (error instanceof NodeFailure) {
        fail(health, error.fault, startedAt);
        return null;
      }
      answered(health);
      return { refusal: error };
    } finally {
      health.isBeingTried = false;
    }
  }

  return {
    async attempt(user, attempt) {
      // Where everybody else refused somebody, one question is enough: each counts as a failed login there.
      const isRefused = (refusedUntil.get(user) ?? 0) > now();
      const order = [...new Set(preferred ? [preferred, ...all] : all)];
      let first: { refusal: unknown } | null = null;
      for (const health of order) {
        if (!isOpen(health) || (first && isRefused)) continue;
        const tried = await tryNode(health, isRefused ? attempt : untilSure(attempt));
        if (tried && "value" in tried) {
          refusedUntil.delete(user);
          return tried.value;
        }
        first ??= tried;
      }
      if (first && !isRefused) refusedUntil.set(user, now() + REFUSED_SECONDS);
      throw first ? first.refusal : closedError(all);
    },
    failWhenAllAreDown() {
      if (!all.some(isOpen)) throw closedError(all);
    },
  };
}
