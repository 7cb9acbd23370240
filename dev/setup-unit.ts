// Unit tests decide their own environment: nothing of the developer's shell reaches them.
for (const name of Object.keys(process.env)) {
  if (/^(PORTAL_|DATABASE_URL|OIDC_|LOG_LEVEL)/.test(name)) delete process.env[name];
}
process.env.LOG_LEVEL = "fatal";
