// What a start says of a PostgreSQL server that cannot be reached over TLS.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { expect, it } from "vitest";
import { testFolder } from "@/dev/test-folder";
import { migrateServer } from "@/lib/db/migrate-server";
import { startFault } from "@/lib/db/start-fault";

/** Answers PostgreSQL's request for TLS, the first eight bytes, as `answer` does. */
async function sayOf(answer: (socket: Socket) => void): Promise<unknown> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const url = `postgresql://berth:x@127.0.0.1:${port}/berth?sslmode=verify-full`;
  const fault = startFault(await migrateServer(url).catch((error: unknown) => error));
  server.close();
  return fault;
}

it("one without TLS is told in a sentence", async () => {
  expect(await sayOf((socket) => socket.end("N"))).toMatchObject({
    code: "invalid",
    message: "No encrypted connection to the server at DATABASE_URL: The server does not support SSL connections.",
  });
});

it("a certificate of an authority that is not known is told in a sentence", async () => {
  const folder = testFolder("tls");
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const made = ["req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", cert];
  execFileSync("openssl", made, { stdio: "ignore" });
  const fault = await sayOf((socket) => {
    socket.write("S");
    new TLSSocket(socket, { isServer: true, key: readFileSync(key), cert: readFileSync(cert) }).on("error", () => {});
  });
  expect(fault).toMatchObject({
    code: "invalid",
    message: expect.stringMatching(/^No encrypted connection to the server at DATABASE_URL: self-signed certificate/),
  });
});
