// Browsers know that every name under .localhost is this machine; the system's resolver does not. Importing this file
// teaches it to this process, so that tests can use a portal's own addresses: http://portal.berth.localhost:3300.
import dns, { type LookupAddress, type LookupOptions } from "node:dns";

type Answer = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

const ask = dns.lookup;

function lookup(name: string, options: LookupOptions | Answer, done?: Answer): void {
  const answer = typeof options === "function" ? options : done;
  if (!answer) throw new TypeError("lookup needs a callback");
  const wanted = typeof options === "function" ? {} : options;
  if (!/\.localhost$/i.test(name)) ask(name, wanted, answer);
  else if (wanted.all) process.nextTick(answer, null, [{ address: "127.0.0.1", family: 4 }]);
  else process.nextTick(answer, null, "127.0.0.1", 4);
}

// Node's own sockets read this property at each connection, so fetch() and http.request() both follow.
Reflect.set(dns, "lookup", lookup);
