// Secrets that are planted before the attacks and looked for after them, wherever they must not be.

/** Joined here, so that no file of the project holds it. */
const inEnvironment = ["canary", "environment", "7f3a9c51d2e8"].join("-");

/** In the portal's environment: what a job, a log line or an error page must never show. */
export const plantedSecrets = (): Record<string, string> => ({ BERTH_PLANTED_CANARY: inEnvironment });
