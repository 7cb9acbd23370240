// Whether a session's app answers, asked through the same way that the gateway takes. Only then is it shown as ready.
import { request as httpRequest } from "node:http";
import type { Duplex } from "node:stream";
import { reachFor } from "@/lib/clusters/reach";
import { clusterConfig } from "@/lib/config";
import { headersForApp } from "@/lib/gateway/header-rules";
import { checkedTarget } from "@/lib/gateway/target";
import { openConnection, secretHeaderOf } from "@/lib/gateway/upstream";
import type { TemplateManifest } from "@/lib/templates/schema";

/** refused: something is there that does not take our secret, so it is not this session's app. */
export type ProbeAnswer = "answering" | "silent" | "refused";

export type Probe = {
  cluster: string;
  unixAccount: string;
  /** NodeAddr as the scheduler gives it. */
  address: string;
  port: number;
  manifest: Pick<TemplateManifest, "auth" | "secretHeader" | "health">;
  secret: string;
};

const probeMs = 3_000;

/** Verdict on the status of the health path: the app must be up, and it must know us. */
export function verdictOn(status: number): ProbeAnswer {
  if (status === 401 || status === 403) return "refused";
  return status < 500 ? "answering" : "silent";
}

function askHealth(connection: Duplex, probe: Probe): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const { address: nodeAddress, port } = probe;
    const secretHeader = secretHeaderOf(probe);
    const towards = { publicHost: "localhost", scheme: "http" as const, secretHeader, app: { nodeAddress, port } };
    const request = httpRequest({
      createConnection: () => connection,
      path: probe.manifest.health.path,
      headers: headersForApp([], { ...towards, extra: ["Accept", "*/*", "Connection", "close"] }),
      setHost: false,
    });
    request.once("response", (answered) => {
      resolve(verdictOn(answered.statusCode ?? 500));
      answered.destroy();
    });
    request.once("error", () => resolve("silent"));
    request.end();
  });
}

/** Asks the app's health path once, for at most three seconds. Throws `cluster` when the target is not allowed. */
export async function probeApp(probe: Probe): Promise<ProbeAnswer> {
  const settings = clusterConfig(probe.cluster);
  const target = await checkedTarget(probe.address, probe.port, settings.nodeNetworks);
  const opening = openConnection(() => reachFor(settings).connect(target, probe.unixAccount), probe);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<ProbeAnswer>((resolve) => {
    timer = setTimeout(() => resolve("silent"), probeMs);
  });
  const asked = opening.then((connection) => askHealth(connection, probe)).catch((): ProbeAnswer => "silent");
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    clearTimeout(timer);
    void opening.then((connection) => connection.destroy()).catch(() => {});
  }
}
