// What an operator may have done from the command line. Who can open the data directory could change the database
// itself, so nothing more is asked of them; what they do is audited as the system's.
import { verifyEvents } from "@/lib/audit/verify-events";
import { issueOperatorToken } from "@/lib/auth/create-token";
import { disableUser, enableUser } from "@/lib/auth/disable-user";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { metricsText } from "@/lib/metrics/read-metrics";
import type { OperatorCommand } from "@/lib/operator/schema";
import { findPeople, type NamedPerson, somePeople } from "@/lib/operator/store";

const mostListed = 20;

const describe = ({ subject, email, id }: NamedPerson) => `${subject}${email ? ` <${email}>` : ""} (${id})`;

async function oneNamed(who: string): Promise<NamedPerson> {
  const [found, ...others] = await findPeople(db(), who);
  if (found && others.length === 0) return found;
  if (found) {
    const list = [found, ...others].map(describe).join("; ");
    throw new PortalError("conflict", `${who} may be any of ${list}. Name one by the id in brackets.`);
  }
  const known = await somePeople(db(), mostListed + 1);
  const listed = known.slice(0, mostListed).map(describe).join("; ");
  const more = known.length > mostListed ? "; and more" : "";
  const list = known.length > 0 ? `There are: ${listed}${more}` : "Nobody has signed in yet";
  throw new PortalError("not_found", `Nobody is called ${who}. ${list}.`);
}

async function token({ who, days, scopes }: Extract<OperatorCommand, { command: "token" }>) {
  const { id } = await oneNamed(who);
  const { secret, expiresAt } = await issueOperatorToken(id, { days, scopes });
  return { secret, userId: id, expiresAt };
}

async function disable({ who, stopSessions }: Extract<OperatorCommand, { command: "disable" }>) {
  const { id } = await oneNamed(who);
  return disableUser({ kind: "system" }, id, stopSessions);
}

async function enable({ who }: Extract<OperatorCommand, { command: "enable" }>) {
  const { id } = await oneNamed(who);
  return enableUser({ kind: "system" }, id);
}

/** Does what `command` says and returns the answer. */
export async function runCommand(command: OperatorCommand): Promise<object> {
  switch (command.command) {
    case "status":
      return { pid: process.pid, url: config().url };
    case "token":
      return token(command);
    case "disable":
      return disable(command);
    case "enable":
      return enable(command);
    case "metrics":
      return { text: await metricsText() };
    case "audit":
      return verifyEvents(command.expect);
  }
}
