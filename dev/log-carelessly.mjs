// node --import ./dev/log-carelessly.mjs: the line of code that somebody will write one day. Logs the environment and what a
// request brings, secrets and all, through the portal's own log, which must remove them. For the attack suite.
const secret = process.env.BERTH_PLANTED_CANARY;
const careless = {
  env: {
    BERTH_PLANTED_SECRET: secret,
    DATABASE_PASSWORD: secret,
    DATABASE_URL: `postgresql://berth:${secret}@db.example.org/berth`,
  },
  request: {
    url: `/.berth/enter?ticket=${secret}`,
    rawHeaders: ["Host", "portal.example.org", "Authorization", `Bearer ${secret}`, "Cookie", `a=${secret}`],
  },
  headers: { authorization: `Bearer ${secret}`, cookie: `a=${secret}`, "set-cookie": [secret], "x-api-key": secret },
  body: { password: secret, nested: [{ token: secret, privateKey: secret, ticket: secret }] },
  err: Object.assign(new Error("careless"), { credentials: { secret } }),
};
const timer = setInterval(() => {
  const log = globalThis[Symbol.for("berth.once")]?.get("log");
  if (!log) return;
  clearInterval(timer);
  log.warn(careless, "careless.line");
}, 200).unref();
