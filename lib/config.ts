// portal.yaml: clusters, account mapping, policy, branding, waits. Checked at start; an error names its line.
import { readFileSync, statSync } from "node:fs";
import { readDocument } from "@/lib/config/read-document";
import { type ClusterConfig, type PortalConfig, portalConfig } from "@/lib/config/schema";
import { env } from "@/lib/env";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";

export type { AccountRule, ClusterConfig, LimitRule, PortalConfig } from "@/lib/config/schema";

/** Reads the text of a portal.yaml. Throws `invalid` with one line per mistake: "portal.yaml:12 clusters.0.name: ...". */
export function parseConfig(text: string, file = "portal.yaml"): PortalConfig {
  const { value, mistakes } = readDocument(text, portalConfig);
  if (value) return value;
  throw new PortalError("invalid", mistakes.map(({ line, words }) => `${file}:${line} ${words}`).join("\n"));
}

function load(): PortalConfig {
  const { configFile } = env();
  const found = statSync(configFile, { throwIfNoEntry: false });
  if (!found) {
    throw new PortalError(
      "invalid",
      `There is no ${configFile}: name one with PORTAL_CONFIG (docs/portal.example.yaml).`,
    );
  }
  if ((found.mode & 0o022) !== 0) {
    throw new PortalError("invalid", `${configFile} can be changed by others: run chmod go-w on it.`);
  }
  return parseConfig(readFileSync(configFile, "utf8"), configFile);
}

/** The configuration of this process, read once. */
export function config(): PortalConfig {
  return once("config", load);
}

/** Names of the clusters that this portal has now; sessions may be left of others. */
export const clusterNames = (): string[] => config().clusters.map(({ name: clusterName }) => clusterName);

/** The cluster called `clusterName`, or `not_found`. */
export function clusterConfig(clusterName: string): ClusterConfig {
  const found = config().clusters.find((entry) => entry.name === clusterName);
  if (!found) throw new PortalError("not_found", `There is no cluster ${clusterName}.`);
  return found;
}
