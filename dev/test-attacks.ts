// npm run test:attacks: starts a site as in production and attacks it, row by row: e2e/attacks/*.attack.ts, each named after
// its case. Once where portal and apps are same-site, once on plain localhost. `--quick` leaves the long rows out.
import "./test/own-environment";
import { parseArgs } from "node:util";
import { attack } from "./test/attack";
import { stopWhenInterrupted } from "./test/interrupt";
import { onCluster } from "./test/portals";

const { values } = parseArgs({
  options: { port: { type: "string", default: "3300" }, quick: { type: "boolean", default: false } },
});
stopWhenInterrupted();
const port = Number(values.port);
const { passed, failed } = await onCluster(port, () => attack(port, { isQuick: values.quick }));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
