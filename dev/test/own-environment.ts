// What the shell of whoever runs the tests says of a portal is not for the portals of the tests: they would write to its
// database, and what is tried on an embedded one would not have been.
for (const name of Object.keys(process.env)) {
  if (/^(PORTAL_|DATABASE_URL|OIDC_|LOG_LEVEL)/.test(name)) delete process.env[name];
}
