// npm run test:faults: breaks everything that a site as in production stands on, and audits what that left behind:
// e2e/faults/*.fault.ts, each test named after its case. Ten rounds with shortened waits, on three clusters side by side;
// `--quick` is one round of the quick part, `--rounds N` another number, `--default-waits` takes the waits of docs/operations.md.
import "./test/own-environment";
import { parseArgs } from "node:util";
import type { Plan } from "@/e2e/faults/plan";
import { injectFaults, share } from "./test/fault";
import { stopWhenInterrupted } from "./test/interrupt";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "3310" },
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    "default-waits": { type: "boolean", default: false },
  },
});
stopWhenInterrupted();
const plan: Plan = {
  port: Number(values.port),
  first: 1,
  rounds: Number(values.rounds ?? (values.quick ? 1 : 10)),
  waits: values["default-waits"] ? "default" : "short",
  which: values.quick ? "quick" : "all",
};
const { passed, failed } = await injectFaults(share(plan).map((each) => [each]));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
