// npm run --silent user -- disable alice [--stop-sessions] [--data DIR], or enable alice: shuts a person out, or lets them in
// again. Asks the running portal.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { doCommand, printAnswer } from "@/dev/operator/do-command";
import { PortalError } from "@/lib/errors";
import { operatorCommand, operatorUser } from "@/lib/operator/schema";

const usage = "Usage: npm run --silent user -- disable|enable <person> [--stop-sessions] [--data DIR]";

function readCommand() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: { type: "string", default: ".data" }, "stop-sessions": { type: "boolean" } },
  });
  const [command, who, ...rest] = positionals;
  const parsed = operatorCommand.safeParse({ command, who, stopSessions: values["stop-sessions"] });
  const known = command === "disable" || command === "enable";
  if (!known || !parsed.success || rest.length > 0) throw new PortalError("invalid", usage);
  return { data: resolve(values.data), command: parsed.data };
}

printAnswer(async () => {
  const { data, command } = readCommand();
  const { subject, disabledAt, openSessions } = await doCommand(data, command, operatorUser);
  const sessions = `${openSessions} ${openSessions === 1 ? "session is" : "sessions are"} still open`;
  return `${subject} is ${disabledAt ? "disabled" : "enabled"}; ${sessions}.`;
});
