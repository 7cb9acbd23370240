// @ts-check
// One holder at a time among all processes that use a state directory. The lock is a listening socket in Linux's
// abstract namespace (unix(7)): the kernel drops it when its holder dies, however it dies, so it is never stale.
import { createHash, randomBytes } from "node:crypto";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createJson, hasCode, readJson } from "./disk.mjs";

/** Callers of this process queue here, first come first served; the socket only decides between processes. */
const queues = new Map();

/** @typedef {{ waitSeconds?: number, topic?: string }} LockOptions topic: what is locked, by default the queue of jobs */

/**
 * Runs `work` while no other process and no other caller does. Throws when the lock cannot be had in `waitSeconds`.
 * @template T
 * @param {string} stateDir
 * @param {() => T | Promise<T>} work
 * @param {LockOptions} [options]
 * @returns {Promise<T>}
 */
export function withLock(stateDir, work, { waitSeconds = 20, topic = "queue" } = {}) {
  const key = `${topic} ${stateDir}`;
  const before = queues.get(key) ?? Promise.resolve();
  const result = before.then(() => exclusively(lockName(stateDir, topic), work, waitSeconds));
  const settled = result.then(
    () => undefined,
    () => undefined,
  );
  queues.set(key, settled);
  settled.then(() => queues.get(key) === settled && queues.delete(key));
  return result;
}

/**
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} work
 * @param {number} waitSeconds
 */
async function exclusively(name, work, waitSeconds) {
  const giveUpAt = performance.now() + waitSeconds * 1000;
  for (;;) {
    const release = await take(name);
    if (release) {
      try {
        return await work();
      } finally {
        await release();
      }
    }
    const leftMilliseconds = giveUpAt - performance.now();
    if (leftMilliseconds <= 0) throw new Error(`the local queue was busy for ${waitSeconds} s`);
    await holderLeft(name, leftMilliseconds);
  }
}

/**
 * A name that only those who may read the state directory know, so that no other account can take it in advance.
 * @param {string} stateDir
 * @param {string} topic
 */
function lockName(stateDir, topic) {
  const path = join(stateDir, "lock.json");
  if (!readJson(path)) createJson(path, { name: randomBytes(16).toString("hex") });
  // A hash, because a socket's name has room for a hundred bytes.
  const kind = createHash("sha256").update(topic).digest("hex").slice(0, 16);
  return `\0berth-local-${readJson(path).name}-${kind}`;
}

/**
 * @param {string} name
 * @returns {Promise<null | (() => Promise<void>)>}
 */
function take(name) {
  const waiting = new Set();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => waiting.delete(socket));
  });
  const release = () =>
    new Promise((resolve) => {
      server.close(() => resolve(undefined));
      for (const socket of waiting) socket.destroy();
    });
  return new Promise((resolve, reject) => {
    server.once("error", (error) => (hasCode(error, "EADDRINUSE") ? resolve(null) : reject(error)));
    server.listen({ path: name }, () => resolve(() => release().then(() => undefined)));
  });
}

/**
 * Resolves when the present holder lets go or dies: both close our connection to it.
 * @param {string} name
 * @param {number} atMostMilliseconds
 */
async function holderLeft(name, atMostMilliseconds) {
  const socket = connect({ path: name });
  const closed = new Promise((resolve) => {
    socket.on("error", () => undefined);
    socket.on("close", resolve);
  });
  // Not every release reaches a connection that is still being made; looking again now and then costs little.
  await Promise.race([closed, delay(Math.min(atMostMilliseconds, 250))]);
  socket.destroy();
}
