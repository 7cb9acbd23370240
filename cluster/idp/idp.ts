// Runs the demo provider as a process of its own:
// tsx cluster/idp/idp.ts --port 3001 --issuer http://localhost:3001 --client-id berth --client-secret-file F --redirect URL [--accounts FILE] [--state DIR]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readAccounts } from "./accounts";
import { createIdp } from "./provider";

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    host: { type: "string", default: "127.0.0.1" },
    issuer: { type: "string" },
    "client-id": { type: "string" },
    "client-secret-file": { type: "string" },
    redirect: { type: "string", multiple: true },
    accounts: { type: "string" },
    state: { type: "string" },
  },
});

function fail(sentence: string): never {
  process.stderr.write(`idp: ${sentence}\n`);
  process.exit(2);
}

function required(value: string | undefined, option: string): string {
  return value ?? fail(`--${option} is missing`);
}

/** The portal's callback; an address without a path is the portal itself. */
function callback(address: string): string {
  const url = new URL(address);
  return url.pathname === "/" ? new URL("/api/auth/callback/oidc", url).href : url.href;
}

const port = Number(required(values.port, "port"));
const issuer = required(values.issuer, "issuer");
const server = createIdp({
  issuer,
  clientId: required(values["client-id"], "client-id"),
  clientSecret: readFileSync(required(values["client-secret-file"], "client-secret-file"), "utf8").trim(),
  redirects: (values.redirect ?? fail("--redirect is missing")).map(callback),
  accounts: readAccounts(values.accounts),
  keysDirectory: values.state,
  log: (line) => process.stderr.write(`idp: ${line}\n`),
});

function stop(): void {
  server.close(() => process.exit(0));
  server.closeAllConnections();
}

process.on("SIGTERM", stop);
process.on("SIGINT", stop);
server.on("error", (error) => fail(`cannot listen on ${values.host}:${port}: ${error.message}`));
server.listen(port, values.host, () => process.stdout.write(`idp: ready at ${issuer}\n`));

if (process.env.PORTAL_PARENT_WATCH === "1") {
  // Whoever started it may be killed without a chance to say so: a change of parent is the only sign.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(), 1000).unref();
}
