import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { playDoor } from "@/dev/test-door";
import { alice, askApp, cookieFor, dial, hostOf, rawApp, sessionOfAlice, startFront } from "@/dev/test-gateway";

const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);

async function readUntil(socket: AsyncIterable<Buffer>, wanted: string | RegExp): Promise<string> {
  let text = "";
  for await (const chunk of socket) {
    text += chunk.toString("latin1");
    if (text.match(wanted)) return text;
  }
  return text;
}

describe("a request", () => {
  it("reaches the app with its secret, the public host, and none of the portal's credentials (D1)", async () => {
    const front = await startFront((request, response) => response.end(JSON.stringify(request.rawHeaders)));
    const answer = await askApp(front, "GET /", [
      "Authorization: Bearer canary",
      "Cookie: own=1",
      "X-Forwarded-User: canary",
      "Berth-Door: canary",
    ]);
    expect(answer).not.toContain("canary");
    expect(answer).not.toContain("__Host-berth");
    expect(answer).toContain('"Authorization","token secret-of-alice"');
    expect(answer).toContain('"own=1"');
    expect(answer).toContain(`"Host","${hostOf(front, sessionOfAlice)}"`);
    expect(answer).toContain('"Via","1.1 berth"');
  });

  it.each(["/a%2e%2e/b", "/..%2fetc", "//double//", "/;p=1", "/back\\slash", "/%00", "/q?a=%zz&b=?/../", "/caf%C3%A9"])(
    "keeps its target byte for byte: %s (D8)",
    async (target) => {
      const front = await startFront((request, response) =>
        response.end(`<${Buffer.from(request.url ?? "", "latin1").toString("hex")}>`),
      );
      expect(await askApp(front, `GET ${target}`)).toContain(`<${Buffer.from(target, "latin1").toString("hex")}>`);
    },
  );

  it("carries chunked bodies and trailers both ways", async () => {
    const front = await startFront(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(200, { Trailer: "X-Sum" });
      response.write(`${body}|${request.trailers["x-check"]}|${request.trailers["x-forwarded-user"]}`);
      response.addTrailers({ "X-Sum": "7", "Set-Cookie": "a=b" });
      response.end();
    });
    const answer = await askApp(
      front,
      "POST /",
      ["Transfer-Encoding: chunked", "Trailer: X-Check", "TE: trailers"],
      "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Check: 9\r\nX-Forwarded-User: root\r\n\r\n",
    );
    expect(answer).toContain("abcde|9|undefined");
    expect(answer).toContain("X-Sum: 7");
    expect(answer).not.toContain("Set-Cookie: a=b");
  });

  it("may have no body, whatever its method", async () => {
    const front = await startFront((request, response) =>
      response.end(`${request.method} ${request.headers["content-length"]}`),
    );
    expect(bodyOf(await askApp(front, "POST /"))).toContain("POST 0");
    expect(bodyOf(await askApp(front, "DELETE /"))).toContain("DELETE undefined");
  });

  it("asks before it sends its body, and the app's answer comes back", async () => {
    const front = await startFront(() => {});
    let asked = 0;
    front.appServer.on("checkContinue", (request, response) => {
      asked += 1;
      if (request.url === "/no") response.writeHead(403).end("no");
      else {
        response.writeContinue();
        request.pipe(response);
      }
    });
    const socket = dial(front.port);
    const head = `Host: ${hostOf(front, sessionOfAlice)}\r\nCookie: ${cookieFor(front, sessionOfAlice, alice)}\r\n`;
    socket.write(`POST /yes HTTP/1.1\r\n${head}Expect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`);
    const [first] = await once(socket, "data");
    expect(String(first)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("hello");
    expect(await readUntil(socket, "hello")).toContain("hello");
    const refused = await askApp(front, "POST /no", ["Expect: 100-continue", "Content-Length: 5"]);
    expect(refused).toMatch(/^HTTP\/1\.1 403/);
    expect(asked).toBe(2);
  });

  it("gets its body through to an app that knows no expectation", async () => {
    const front = await startFront(() => {});
    front.appServer.on("checkContinue", (request, response) => request.pipe(response));
    const answer = await askApp(front, "POST /", ["Expect: 100-continue", "Content-Length: 5"], "hello");
    expect(answer).toContain("hello");
  });

  it("that the browser gives up is given up towards the app", async () => {
    const arrived = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const front = await startFront((_request, response) => {
      response.write("begun");
      response.once("close", () => left.resolve());
      arrived.resolve();
    });
    const socket = dial(front.port);
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${hostOf(front, sessionOfAlice)}\r\nCookie: ${cookieFor(front, sessionOfAlice, alice)}\r\n\r\n`,
    );
    await arrived.promise;
    socket.destroy();
    await left.promise;
    await expect.poll(() => front.gateway.count()).toBe(0);
  });

  it("uses connections again, and survives one that the app closed meanwhile", async () => {
    const ports = new Set<number | undefined>();
    const front = await startFront((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("ok");
    });
    for (let count = 0; count < 3; count += 1) expect(await askApp(front, "GET /")).toContain("ok");
    expect(ports.size).toBe(1);
    front.appServer.closeIdleConnections();
    expect(await askApp(front, "GET /")).toContain("ok");
    expect(ports.size).toBe(2);
  });

  it("passes the door at the start of each connection, and sends no secret", async () => {
    const port = await rawApp((socket) => {
      const answer = () => {
        let text = "";
        socket.on("data", (data: Buffer) => {
          text += data.toString("latin1");
          if (!text.endsWith("\r\n\r\n")) return;
          socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${JSON.stringify(text)}`);
        });
      };
      playDoor(socket, "secret-of-alice", answer);
    });
    const front = await startFront(() => {}, { manifest: { auth: "door" }, port });
    const answer = bodyOf(await askApp(front, "GET /x"));
    expect(answer).toContain("GET /x HTTP/1.1");
    expect(answer).not.toContain("secret-of-alice");
  });

  it.each([
    ["who knows no secret", (socket: Socket) => playDoor(socket, "secret-of-bob", () => socket.end("bob"))],
    ["who answers as an app does", (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbob")],
    [
      "who says more than a door",
      (socket: Socket) => socket.end(`${"0".repeat(32)} ${"0".repeat(64)}\nHTTP/1.1 200 OK`),
    ],
    ["who hangs up", (socket: Socket) => socket.end()],
  ])("takes %s at the app's port for somebody else, and tells them nothing", async (_who, answer) => {
    const heard: string[] = [];
    const port = await rawApp((socket) => {
      socket.on("data", (data: Buffer) => void heard.push(data.toString("latin1")));
      answer(socket);
    });
    const front = await startFront(() => {}, { manifest: { auth: "door" }, port });
    expect(await askApp(front, "GET /private")).toMatch(/^HTTP\/1\.1 502 /);
    expect(heard.join("")).toMatch(/^(BERTH-DOOR [0-9a-f]{32}\n)+$/);
  });
});

describe("an answer", () => {
  it("keeps status, words, repeated headers and bytes", async () => {
    const front = await startFront((_request, response) => {
      response.writeHead(299, "Fine Enough", [
        "X-A",
        "1",
        "x-a",
        "2",
        "Set-Cookie",
        "s=1; Domain=.test; Path=/",
        "Content-Encoding",
        "gzip",
      ]);
      response.end(Buffer.from([0x1f, 0x8b, 0xff, 0x00]));
    });
    const answer = await askApp(front, "GET /");
    expect(answer).toMatch(/^HTTP\/1\.1 299 Fine Enough\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: s=1; Path=\/\r\n/);
    expect(answer).toContain("\x1f\x8b\xff\x00");
    expect(answer).not.toMatch(/content-security-policy/i);
    expect(answer).toContain("Referrer-Policy: same-origin");
  });

  it("to HEAD has a length and no body", async () => {
    const front = await startFront((_request, response) => response.writeHead(200, { "Content-Length": 1234 }).end());
    const answer = await askApp(front, "HEAD /");
    expect(answer).toContain("Content-Length: 1234");
    expect(bodyOf(answer)).toBe("");
  });

  it.each([204, 304])("%i has no body", async (status) => {
    const front = await startFront((_request, response) => response.writeHead(status, { ETag: "x" }).end());
    const answer = await askApp(front, "GET /");
    expect(answer).toContain("ETag: x");
    expect(bodyOf(answer)).toBe("");
  });

  it("arrives piece by piece", async () => {
    const more = Promise.withResolvers<void>();
    const front = await startFront(async (_request, response) => {
      response.write("first");
      await more.promise;
      response.end("second");
    });
    const socket = dial(front.port);
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${hostOf(front, sessionOfAlice)}\r\nCookie: ${cookieFor(front, sessionOfAlice, alice)}\r\n\r\n`,
    );
    const first = await readUntil(socket.iterator({ destroyOnReturn: false }), "first");
    expect(first).not.toContain("second");
    more.resolve();
    expect(await readUntil(socket, "second")).toContain("second");
  });

  it("that breaks off does not look complete", async () => {
    const front = await startFront((_request, response) => {
      response.writeHead(200, { "Content-Length": 100 });
      response.write("part");
      setImmediate(() => response.destroy());
    });
    const chunked = await startFront((_request, response) => {
      response.write("part");
      setImmediate(() => response.destroy());
    });
    expect(bodyOf(await askApp(front, "GET /"))).toBe("part");
    expect(await askApp(chunked, "GET /")).not.toContain("0\r\n\r\n");
  });

  it("may come with early hints", async () => {
    const front = await startFront((_request, response) => {
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      response.end("ok");
    });
    expect(await askApp(front, "GET /")).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload/i);
  });

  it("with a broken head is our page, not the app's bytes", async () => {
    const port = await rawApp((socket) => socket.end("HTTP/1.1 200 OK\r\nX : evil\r\nContent-Length: 3\r\n\r\nabc"));
    const front = await startFront(() => {}, { port });
    const answer = await askApp(front, "GET /");
    expect(answer).toMatch(/^HTTP\/1\.1 502/);
    expect(answer).toContain("does not answer");
  });
});
