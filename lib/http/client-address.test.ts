import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { ADDRESS_HEADER, addressOf, clientAddress } from "@/lib/http/client-address";

/** What a server on 127.0.0.1 makes of a request with this X-Forwarded-For. */
async function addressFor(forwarded: string | null, trusted: string[]): Promise<string> {
  const server = createServer((incoming, outgoing) => outgoing.end(clientAddress(incoming, trusted)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  const headers = forwarded === null ? {} : { "x-forwarded-for": forwarded };
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, headers, agent: false }, (answer) => {
      let body = "";
      answer.on("data", (chunk) => {
        body += chunk;
      });
      answer.on("end", () => resolve(body));
    });
    sent.on("error", reject).end();
  });
  await new Promise((resolve) => server.close(resolve));
  return text;
}

it.each([
  ["the socket's, when nobody is trusted", "203.0.113.9", [], "127.0.0.1"],
  ["the socket's, when nothing is forwarded", null, ["127.0.0.1"], "127.0.0.1"],
  ["what a trusted proxy forwards", "203.0.113.9", ["127.0.0.1"], "203.0.113.9"],
  ["what a proxy in a trusted network forwards", "203.0.113.9", ["127.0.0.0/8"], "203.0.113.9"],
  ["the last that a trusted proxy vouches for", "198.51.100.1, 203.0.113.9", ["127.0.0.1"], "203.0.113.9"],
  ["behind two trusted proxies", "198.51.100.1, 203.0.113.9, 10.0.0.2", ["127.0.0.1", "10.0.0.0/8"], "203.0.113.9"],
  ["of version 6", "2001:db8::1", ["127.0.0.1"], "2001:db8::1"],
  ["the proxy's, when what it forwards is no address", "evil, <script>", ["127.0.0.1"], "127.0.0.1"],
])("is %s", async (...given) => {
  const [, forwarded, trusted, expected] = given;
  expect(await addressFor(forwarded, trusted)).toBe(expected);
});

it.each([
  ["203.0.113.9", "203.0.113.9"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::6", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("counts requests from %s against %s", (address, counted) => {
  expect(addressOf(new Request("http://localhost/", { headers: { [ADDRESS_HEADER]: address } }))).toBe(counted);
});
