// What `npm run demo` was asked for, and where that puts everything.
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

export type Demo = {
  port: number;
  idpPort: number;
  slurm: boolean;
  /** A file of people for the identity provider instead of its own four, or null. */
  accounts: string | null;
  /** Where the person who started it finds data: a link to `home`'s data when root. */
  data: string;
  /** As root: release and data of the account `berth`; else null and everything stays in the checkout. */
  home: string | null;
  dataDir: string;
  releaseDir: string;
  clusterDir: string;
  /** Which of the test clusters' ports, addresses and node names. */
  copy: number;
};

/** Reads the command line. Throws a sentence. */
export function readOptions(args: string[], isRoot: boolean): Demo {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "3000" },
      data: { type: "string", default: ".data" },
      slurm: { type: "boolean", default: false },
      accounts: { type: "string" },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1024 || port > 65_000)
    throw new Error("--port must be a number from 1024 to 65000.");
  const home = isRoot ? `/var/lib/berth-${port}` : null;
  const data = resolve(values.data);
  return {
    port,
    idpPort: port + 1,
    slurm: values.slurm,
    accounts: values.accounts ? resolve(values.accounts) : null,
    data,
    home,
    dataDir: home ? join(home, "data") : data,
    releaseDir: home ? join(home, "release") : process.cwd(),
    clusterDir: join(home ?? data, "cluster"),
    copy: 1 + ((port * 7) % 59),
  };
}
