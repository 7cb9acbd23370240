import { describe, expect, it } from "vitest";
import { PortalError } from "@/lib/errors";
import { HungUp, type LoginNode, NodeFailure } from "./connection";
import { loginNodes } from "./login-nodes";

const nodes: LoginNode[] = ["one", "two", "three"].map((host) => ({ host, port: 22 }));

/** Attempts that fail on the nodes in `down`, and a record of who was tried. */
function attempts(...down: string[]) {
  const tried: string[] = [];
  const attempt = async ({ host }: LoginNode): Promise<string> => {
    tried.push(host);
    if (down.includes(host)) throw new NodeFailure(new PortalError("cluster", `${host} cannot be reached`));
    return host;
  };
  return { tried, attempt };
}

describe("login nodes", () => {
  it("are tried in their order until one works", async () => {
    const { tried, attempt } = attempts("one", "two");
    expect(await loginNodes(nodes, 30).attempt("alice", attempt)).toBe("three");
    expect(tried).toEqual(["one", "two", "three"]);
  });

  it("are left alone after a failure; the one that worked comes first", async () => {
    const { tried, attempt } = attempts("one");
    const login = loginNodes(nodes, 30);
    await login.attempt("alice", attempt);
    await login.attempt("alice", attempt);
    expect(tried).toEqual(["one", "two", "two"]);
  });

  it("that are all down are not tried again at once, and the error tells when", async () => {
    const { tried, attempt } = attempts("one", "two", "three");
    const login = loginNodes(nodes, 30);
    const message = "one cannot be reached; two cannot be reached; three cannot be reached";
    await expect(login.attempt("alice", attempt)).rejects.toMatchObject({ code: "cluster", message });
    expect(() => login.failWhenAllAreDown()).toThrow(message);
    await expect(login.attempt("alice", attempt)).rejects.toMatchObject({ message, retryAfterSeconds: 1 });
    expect(tried).toEqual(["one", "two", "three"]);
  });

  it("are tried again after the wait, by one caller at a time", async () => {
    const login = loginNodes(nodes.slice(0, 1), 0.05);
    await expect(login.attempt("alice", attempts("one").attempt)).rejects.toThrow();
    await expect.poll(() => login.failWhenAllAreDown(), { timeout: 5000, interval: 5 }).toBeUndefined();
    const gate = Promise.withResolvers<string>();
    const first = login.attempt("alice", () => gate.promise);
    await expect(login.attempt("alice", async () => "second")).rejects.toThrow("one cannot be reached");
    gate.resolve("back");
    expect(await first).toBe("back");
    expect(await login.attempt("alice", async () => "second")).toBe("second");
  });

  it("fail once when many tried one at the same time", async () => {
    const login = loginNodes(nodes.slice(0, 1), 30);
    const gate = Promise.withResolvers<string>();
    const many = Array.from({ length: 8 }, () => login.attempt("alice", () => gate.promise));
    gate.reject(new NodeFailure(new PortalError("cluster", "one cannot be reached")));
    const outcomes = await Promise.allSettled(many);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(8).fill("rejected"));
    await expect(login.attempt("alice", attempts().attempt)).rejects.toMatchObject({ retryAfterSeconds: 1 });
  });

  it("that refuse somebody are no reason not to try the others", async () => {
    const login = loginNodes(nodes, 30);
    const tried: string[] = [];
    const attempt = async ({ host }: LoginNode) => {
      tried.push(host);
      if (host === "one") throw new PortalError("cluster", "one is in maintenance");
      return host;
    };
    expect(await login.attempt("alice", attempt)).toBe("two");
    expect(await login.attempt("alice", attempt)).toBe("two");
    expect(tried).toEqual(["one", "two", "two"]);
  });

  it("are not blamed for what is the person's own failure", async () => {
    const login = loginNodes(nodes, 30);
    const refused = new PortalError("cluster", "refused alice");
    const tried: string[] = [];
    const attempt = async ({ host }: LoginNode) => {
      tried.push(host);
      throw refused;
    };
    await expect(login.attempt("alice", attempt)).rejects.toBe(refused);
    await expect(login.attempt("alice", attempt)).rejects.toBe(refused);
    // Each has answered, so none is left alone for somebody else; for this person one is enough for a while.
    expect(tried).toEqual(["one", "two", "three", "one"]);
    await expect(login.attempt("bob", attempt)).rejects.toBe(refused);
    expect(tried.slice(4)).toEqual(["one", "two", "three"]);
  });

  describe("that hang up on somebody", () => {
    const hungUp = new HungUp("cluster", "closed the connection when bob logged in", { accountRefused: true });
    const cannotBeReached = new NodeFailure(new PortalError("cluster", "one cannot be reached"));

    /** Attempts of which each comes to the next of `outcomes`, a node or a failure. */
    const inTurn = (...outcomes: (string | Error)[]) => {
      const tried: string[] = [];
      const attempt = async ({ host }: LoginNode) => {
        tried.push(host);
        const outcome = outcomes.shift() ?? host;
        if (outcome instanceof Error) throw outcome;
        return outcome;
      };
      return { tried, attempt };
    };

    it("and do so again refuse that account, and stay open for everybody else", async () => {
      const login = loginNodes(nodes.slice(0, 2), 30);
      const bob = inTurn(...Array(5).fill(hungUp));
      await expect(login.attempt("bob", bob.attempt)).rejects.toBe(hungUp);
      await expect(login.attempt("bob", bob.attempt)).rejects.toBe(hungUp);
      expect(bob.tried).toEqual(["one", "one", "two", "two", "one"]);
      expect(() => login.failWhenAllAreDown()).not.toThrow();
      expect(await login.attempt("alice", attempts().attempt)).toBe("one");
    });

    it("may have been going down: then it is nobody's refusal", async () => {
      const login = loginNodes(nodes.slice(0, 1), 30);
      const bob = inTurn(hungUp, cannotBeReached);
      await expect(login.attempt("bob", bob.attempt)).rejects.toMatchObject({
        ...{ message: "one cannot be reached", accountRefused: undefined },
      });
      expect(() => login.failWhenAllAreDown()).toThrow("one cannot be reached");
    });

    it("once, and then let them in, have let them in", async () => {
      const bob = inTurn(hungUp);
      expect(await loginNodes(nodes, 30).attempt("bob", bob.attempt)).toBe("one");
      expect(bob.tried).toEqual(["one", "one"]);
    });
  });
});
