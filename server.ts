// The composition root: one HTTP server in front of Next, the gateway to session apps, the reconciler.
import { createServer } from "node:http";
import next from "next";
import { env } from "@/lib/env";

const { host, port, production } = env();
// Next would add its own upgrade listener to this server: it never listens.
const app = next({ dev: !production, hostname: host, port, httpServer: createServer() });
await app.prepare();
const pages = app.getRequestHandler();
createServer((request, response) => void pages(request, response)).listen(port, host);
