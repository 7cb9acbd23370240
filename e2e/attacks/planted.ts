// Secrets that are planted before the attacks and looked for after them, wherever they must not be.

/** In the portal's environment: what a job, a log line or an error page must never show. */
export const plantedSecrets = (): Record<string, string> => ({ BERTH_PLANTED_CANARY: "canary-environment-7f3a9c51" });
