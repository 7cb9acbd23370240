// A session's app as its owner's browser reaches it: the ticket, the app origin's cookie, requests and a WebSocket.
import { request } from "node:http";
import WebSocket from "ws";
import type { Api } from "@/e2e/api";
import { api as paths } from "@/lib/paths";
import type { ResourceRequest, SessionView } from "@/lib/sessions/schema";
import { until } from "./until";

/** The smallest session there is: templates/echo. */
export const echo = (more: Partial<ResourceRequest> = {}): ResourceRequest => ({
  template: "echo",
  cluster: "hpc",
  cpus: 1,
  memoryGiB: 0.2,
  minutes: 30,
  ...more,
});

/** Waits for the state; an end that was not waited for fails at once, with its words. */
export async function untilIn(api: Api, id: string, state: SessionView["state"], seconds = 90): Promise<SessionView> {
  const session = await until(`session ${id} is ${state}`, seconds, async () => {
    const now = await api.session(id);
    return now.state === state || now.state === "ended" ? now : null;
  });
  const { endReason, endDetail, endWords } = session;
  if (session.state === state) return session;
  throw new Error(`session ${id} ended (${endReason}): ${endDetail} ${endWords ?? ""}`);
}

/** A new echo session that answers. */
export async function ready(api: Api, more: Partial<ResourceRequest> = {}): Promise<SessionView> {
  const { id } = await api.create(echo(more));
  return untilIn(api, id, "ready");
}

export type App = {
  /** Status of GET `path`; 0 when the connection broke. */
  get: (path?: string, seconds?: number) => Promise<number>;
  socket: () => Promise<AppSocket>;
};

export type AppSocket = {
  /** Sends and waits for the echo; rejects when the socket closes before. */
  say: (text: string) => Promise<void>;
  /** Everything that came back, in order. */
  heard: string[];
  closed: Promise<number>;
  isClosed: () => boolean;
  close: () => void;
};

type Place = { host: string; port: number; cookie: string };

function ask({ host, port, cookie }: Place, path: string, seconds: number) {
  return new Promise<{ status: number; cookies: string[] }>((resolve) => {
    const headers = { host, ...(cookie ? { cookie } : {}) };
    const sent = request(
      { host: "127.0.0.1", port, path, headers, agent: false, timeout: seconds * 1000 },
      (answer) => {
        answer.resume();
        const done = (status: number) => () => resolve({ status, cookies: answer.headers["set-cookie"] ?? [] });
        answer.on("end", done(answer.statusCode ?? 0)).on("error", done(0));
      },
    );
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve({ status: 0, cookies: [] }));
    sent.end();
  });
}

async function openSocket({ host, port, cookie }: Place): Promise<AppSocket> {
  const headers = { host, cookie, origin: `http://${host}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers });
  const heard: string[] = [];
  const waiting = new Map<string, () => void>();
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  socket.on("message", (data) => {
    heard.push(String(data));
    waiting.get(String(data))?.();
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.on("error", () => {});
  const say = (text: string) => {
    const answered = new Promise<void>((resolve) => void waiting.set(text, resolve));
    socket.send(text);
    const broke = closed.then((code) => Promise.reject(new Error(`the socket closed with ${code}`)));
    broke.catch(() => {});
    return Promise.race([answered, broke]);
  };
  return {
    say,
    heard,
    closed,
    isClosed: () => socket.readyState === WebSocket.CLOSED,
    close: () => socket.terminate(),
  };
}

/** Opens the session's app. `through` is another portal's port. */
export async function openApp(api: Api, id: string, through?: number): Promise<App> {
  const { url } = await api.must<{ url: string }>(paths.ticket(id), { method: "POST" });
  const { host, port, pathname, search } = new URL(url);
  const place = { host, port: through ?? Number(port), cookie: "" };
  const { cookies } = await ask(place, pathname + search, 10);
  const cookie = cookies.map((line) => line.split(";")[0]).join("; ");
  const inside = { ...place, cookie };
  return {
    get: async (path = "/", seconds = 20) => (await ask(inside, path, seconds)).status,
    socket: () => openSocket(inside),
  };
}
