// Another portal with the very settings of the first, on another port: what an operator starts by mistake, or on purpose.

import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { start, stop, untilAnswers } from "@/dev/demo/processes";
import type { Site } from "@/dev/test/site";
import { type Api, apiOf } from "@/e2e/api";
import { query } from "./audit";

const ownerOf = (pid: number) => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const first = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return { uid: first("Uid"), gid: first("Gid") };
};

/** What a balancer does: passes requests on under the portal's own name. */
async function startBalancer(host: string, port: number) {
  const server = createServer((from, back) => {
    const to = request({
      host: "127.0.0.1",
      port,
      path: from.url,
      method: from.method,
      headers: { ...from.headers, host },
    });
    to.on("response", (answer) => {
      back.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(back);
    });
    to.on("error", () => back.destroy());
    from.pipe(to);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The balancer has no port");
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** Starts it as the first one's account, with its environment. */
export async function startSecondPortal(site: Site) {
  const port = site.port + 3;
  const pid = site.pid();
  const lines = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  const env = Object.fromEntries(lines.map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]));
  const started = start({
    name: "The second portal",
    args: ["dist/server.mjs"],
    cwd: site.data.replace(/data$/, "release"),
    env: { ...env, PORT: String(port) },
    account: ownerOf(pid),
    show: false,
  });
  await untilAnswers(started, `http://127.0.0.1:${port}/api/health`, 60);
  const balancer = await startBalancer(new URL(site.url).host, port);
  return {
    port,
    api: (first: Api) => apiOf(first.who, { data: site.data, url: balancer.url }, first.secret),
    end: async () => {
      balancer.close();
      await stop(started, 15);
    },
  };
}

/** How many processes hold the lock that makes a reconciler. */
export async function leadersOf(databaseUrl: string): Promise<number> {
  const held = await query<{ count: number }>(
    databaseUrl,
    `select count(*)::int as count from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and application_name like 'berth leader reconciler:%'`,
  );
  return held[0]?.count ?? 0;
}
