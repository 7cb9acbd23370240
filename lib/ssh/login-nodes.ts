// Which login node to try, and when to leave one alone: the last that worked first, then the others in their order.
// A circuit breaker per node: after a failure it is skipped for 1, 2, 4 ... seconds, then one caller tries it again.
import { PortalError } from "@/lib/errors";
import { type LoginNode, NodeFailure } from "./connection";

type Health = {
  node: LoginNode;
  failures: number;
  closedUntil: number;
  isBeingTried: boolean;
  fault: PortalError | null;
};

export type LoginNodes = {
  /**
   * Calls `attempt` with one node after another until one works. A NodeFailure moves on to the next; any other error is
   * this person's, and final. Throws PortalError when no node works, at once when all are known to be down.
   */
  attempt<T>(attempt: (node: LoginNode) => Promise<T>): Promise<T>;
  /** Throws at once when no node would be tried now. */
  failWhenAllAreDown(): void;
};

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
  const all: Health[] = nodes.map((node) => ({ node, failures: 0, closedUntil: 0, isBeingTried: false, fault: null }));
  let preferred = all[0];

  const isOpen = (health: Health): boolean =>
    health.failures === 0 || (now() >= health.closedUntil && !health.isBeingTried);

  const succeed = (health: Health) => {
    Object.assign(health, { failures: 0, closedUntil: 0, fault: null });
    preferred = health;
  };

  const fail = (health: Health, fault: PortalError) => {
    const failures = health.failures + 1;
    const closedUntil = now() + Math.min(retrySeconds, 2 ** (failures - 1));
    Object.assign(health, { failures, closedUntil, fault });
  };

  /** The value, or null when the node was at fault. */
  async function tryNode<T>(health: Health, attempt: (node: LoginNode) => Promise<T>): Promise<{ value: T } | null> {
    health.isBeingTried = true;
    try {
      const value = await attempt(health.node);
      succeed(health);
      return { value };
    } catch (error) {
      if (!(error instanceof NodeFailure)) throw error;
      fail(health, error.fault);
      return null;
    } finally {
      health.isBeingTried = false;
    }
  }

  return {
    async attempt(attempt) {
      const order = [...new Set(preferred ? [preferred, ...all] : all)];
      for (const health of order) {
        if (!isOpen(health)) continue;
        const reached = await tryNode(health, attempt);
        if (reached) return reached.value;
      }
      throw closedError(all);
    },
    failWhenAllAreDown() {
      if (!all.some(isOpen)) throw closedError(all);
    },
  };
}
