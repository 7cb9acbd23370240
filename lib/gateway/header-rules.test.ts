import { describe, expect, it } from "vitest";
import { cookieFromApp, cookiesForApp, foreignCookieNames } from "@/lib/gateway/cookies";
import { headersForApp, headersFromApp, trailersAcross } from "@/lib/gateway/header-rules";

const towards = {
  publicHost: "a.apps.test",
  scheme: "https",
  secretHeader: { name: "Authorization", value: "token s3" },
  app: { nodeAddress: "10.0.0.5", port: 20001 },
} as const;

const values = (raw: string[], name: string): string[] =>
  raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);

describe("headers for the app (D1, D8)", () => {
  it.each([
    "Forwarded",
    "X-Forwarded-User",
    "X-Forwarded-For",
    "X_Forwarded_For",
    "X-Real-IP",
    "X-Remote-User",
    "Remote-User",
    "X-WebAuth-User",
    "X-Auth-Request-Email",
    "Berth-Door",
    "X-Berth-Address",
    "berth_door",
    "X-Original-URL",
    "Proxy-Authorization",
    "Keep-Alive",
    "TE",
    "Upgrade",
    "Proxy-Connection",
    "HTTP2-Settings",
    "Trailer",
    "Transfer-Encoding",
    "Expect",
  ])("never carry the client's %s", (name) => {
    expect(values(headersForApp([name, "canary"], towards), name.toLowerCase())).toEqual([]);
  });

  it("carry our secret once, whatever the client sent by that name", () => {
    const sent = headersForApp(["Authorization", "Bearer canary", "authorization", "Basic canary"], towards);
    expect(values(sent, "authorization")).toEqual(["token s3"]);
  });

  it("drop what Connection names, in any case and in several headers", () => {
    const sent = headersForApp(
      ["Connection", "close, X-Once", "connection", "x-TWICE", "X-Once", "1", "X-Twice", "2", "X-Kept", "3"],
      towards,
    );
    expect(values(sent, "x-once")).toEqual([]);
    expect(values(sent, "x-twice")).toEqual([]);
    expect(values(sent, "x-kept")).toEqual(["3"]);
  });

  it("say the public host and scheme, not what the client claims", () => {
    const sent = headersForApp(["Host", "evil", "X-Forwarded-Host", "evil", "X-Forwarded-Proto", "gopher"], towards);
    expect(values(sent, "host")).toEqual(["a.apps.test"]);
    expect(values(sent, "x-forwarded-host")).toEqual(["a.apps.test"]);
    expect(values(sent, "x-forwarded-proto")).toEqual(["https"]);
  });

  it("keep order, spelling and repetition of everything else", () => {
    const sent = headersForApp(["X-B", "1", "accept", "*/*", "X-B", "2"], towards);
    expect(sent.slice(2, 8)).toEqual(["X-B", "1", "accept", "*/*", "X-B", "2"]);
  });
});

describe("cookies for the app", () => {
  it.each([
    "__Host-berth-3000=x",
    "__Host-berth-app-3000=x",
    "__host-BERTH-3000=x",
    "berth=x",
    "__Secure-next-auth.session-token.0=x",
    "next-auth.csrf-token=x",
  ])("never include %s", (pair) => {
    expect(cookiesForApp(`a=1; ${pair}; b=2`)).toBe("a=1; b=2");
    expect(cookiesForApp(pair)).toBeNull();
  });

  it("keep the bytes of the app's own", () => {
    expect(cookiesForApp('_xsrf="2|a=b|c"; username-x="2|1:0|10:16=|"')).toBe(
      '_xsrf="2|a=b|c"; username-x="2|1:0|10:16=|"',
    );
  });
});

describe("cookies from the app (D3)", () => {
  it("lose their Domain and nothing else", () => {
    expect(cookieFromApp("a=b=c; Path=/x; DOMAIN=.portal.test; Secure;domain=x; SameSite=None")).toBe(
      "a=b=c; Path=/x; Secure; SameSite=None",
    );
    expect(cookieFromApp("a=b; domain")).toBe("a=b");
  });

  it.each([
    "__Host-berth-3000=evil",
    "  __host-berth-app-3000 =evil; Path=/",
    "=__Host-berth-3000=evil",
    "__Host-berth-3000",
    "next-auth.session-token=evil",
  ])("are refused under our names: %s", (header) => {
    expect(cookieFromApp(header)).toBeNull();
  });

  it("are listed by name so that a host can be handed on clean", () => {
    expect(foreignCookieNames("a=1; __Host-berth-3000=2; b; a=3; b\tad=4")).toEqual(["a", "b"]);
  });
});

describe("headers from the app", () => {
  it("lose hop-by-hop ones, what Connection names, and Alt-Svc", () => {
    const kept = headersFromApp(
      [
        "Connection",
        "x-hop",
        "X-Hop",
        "1",
        "Keep-Alive",
        "timeout=5",
        "Alt-Svc",
        "h3",
        "Content-Type",
        "a/b",
        "Trailer",
        "X-Sum",
      ],
      towards,
    );
    expect(kept).toEqual(["Content-Type", "a/b", "Referrer-Policy", "same-origin"]);
  });

  it("keep the app's own policies", () => {
    const raw = [
      "Content-Security-Policy",
      "default-src *",
      "Referrer-Policy",
      "origin",
      "X-Frame-Options",
      "SAMEORIGIN",
    ];
    expect(headersFromApp(raw, towards)).toEqual(raw);
  });

  it.each(["NEL", "Report-To", "Reporting-Endpoints"])("lose %s where the host is another session's later", (name) => {
    expect(values(headersFromApp([name, "x"], { ...towards, isShared: true }), name.toLowerCase())).toEqual([]);
    expect(values(headersFromApp([name, "x"], towards), name.toLowerCase())).toEqual(["x"]);
  });

  it("drop a length that stands beside a transfer coding", () => {
    const raw = ["Content-Length", "5", "Transfer-Encoding", "chunked", "Referrer-Policy", "x"];
    expect(headersFromApp(raw, towards)).toEqual(["Referrer-Policy", "x"]);
  });

  it.each([
    ['"cookies"', []],
    ['"cache", "cookies", "storage"', ['"cache", "storage"']],
    ['"storage"', ['"storage"']],
    ['"*"', ['"cache", "storage"']],
    ["cookies", []],
  ])("never clear cookies, which would sign out of the portal: %s", (said, kept) => {
    expect(values(headersFromApp(["clear-Site-Data", said], towards), "clear-site-data")).toEqual(kept);
  });

  it.each([
    ["http://10.0.0.5:20001/x?y#z", "https://a.apps.test/x?y#z"],
    ["http://10.0.0.5:20001", "https://a.apps.test"],
    ["HTTP://10.0.0.5:20001//x", "https://a.apps.test//x"],
    ["http://a.apps.test/x", "https://a.apps.test/x"],
    ["http://10.0.0.5:20002/x", "http://10.0.0.5:20002/x"],
    ["http://10.0.0.5:200011/x", "http://10.0.0.5:200011/x"],
    ["http://10.0.0.5:20001@evil.test/x", "http://10.0.0.5:20001@evil.test/x"],
    ["https://a.apps.test/x", "https://a.apps.test/x"],
    ["https://login.test/?to=http://10.0.0.5:20001/x", "https://login.test/?to=http://10.0.0.5:20001/x"],
    ["/x", "/x"],
    ["//b.test/x", "//b.test/x"],
  ])("lead where the browser finds the app: %s", (said, location) => {
    expect(values(headersFromApp(["Location", said], towards), "location")).toEqual([location]);
  });

  it("know an app by a node's address in IPv6 too", () => {
    const app = { nodeAddress: "fd00::5", port: 20001 };
    const kept = headersFromApp(["Location", "http://[fd00::5]:20001/x"], { ...towards, app });
    expect(values(kept, "location")).toEqual(["https://a.apps.test/x"]);
  });
});

it("lets no routing, framing or identity cross in trailers", () => {
  const raw = [
    "X-Sum",
    "1",
    "Host",
    "evil",
    "Content-Length",
    "4",
    "X-Forwarded-User",
    "root",
    "Set-Cookie",
    "a=b",
    "Authorization",
    "x",
  ];
  expect(trailersAcross(raw)).toEqual([["X-Sum", "1"]]);
});
