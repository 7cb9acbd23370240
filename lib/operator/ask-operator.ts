// The other end of lib/operator.ts: asks the portal that is running on a data directory.
import { request } from "node:http";
import type { z } from "zod";
import { type ErrorCode, PortalError, STATUS } from "@/lib/errors";
import { type OperatorCommand, operatorFault } from "@/lib/operator/schema";
import { socketPathToAsk } from "@/lib/operator/socket-path";

type Answer = { status: number; text: string };

/** Going over years of events takes minutes. */
const patienceMs = 10 * 60_000;

function post(socketPath: string, body: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const asked = request({ socketPath, method: "POST", path: "/", headers, timeout: patienceMs }, (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      text += chunk;
    });
    response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    response.on("error", reject);
  });
  asked.on("timeout", () => asked.destroy(new Error("The portal does not answer on its operator socket.")));
  asked.on("error", reject);
  asked.end(body);
  return promise;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(STATUS, code);
}

/**
 * Asks the portal running on `dataDir`; null when none serves there. Throws what the portal threw.
 */
export async function askOperator<T>(
  dataDir: string,
  command: OperatorCommand,
  schema: z.ZodType<T>,
): Promise<T | null> {
  const path = socketPathToAsk(dataDir);
  if (!path) return null;
  const answer = await post(path, JSON.stringify(command)).catch((error: NodeJS.ErrnoException) => {
    // What a portal that was killed leaves behind.
    if (error.code === "ECONNREFUSED" || error.code === "ENOENT") return null;
    throw error;
  });
  if (!answer) return null;
  const value: unknown = JSON.parse(answer.text);
  if (answer.status === 200) return schema.parse(value);
  const { code, message } = operatorFault.parse(value);
  throw new PortalError(isErrorCode(code) ? code : "internal", message);
}
