// P1: what keeps an answer of the portal out of other sites' frames, and from being taken for what it is not.
import type { Reply } from "@/e2e/attacks/site";

/** What an answer lacks of that; nothing is as it should be. */
export const frameable = ({ headers }: Pick<Reply, "headers">): string[] => {
  const policy = String(headers["content-security-policy"] ?? "none");
  return [
    ...(/frame-ancestors 'none'/.test(policy) ? [] : [`policy: ${policy}`]),
    ...(headers["x-frame-options"] === "DENY" ? [] : ["no X-Frame-Options"]),
    ...(headers["x-content-type-options"] === "nosniff" ? [] : ["may be sniffed"]),
    ...(headers["x-powered-by"] || headers.server ? ["tells what it is made of"] : []),
  ];
};
