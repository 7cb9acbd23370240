// @ts-check
// Small JSON files that survive a kill -9 and a power cut: each is written whole beside its place, flushed, and then
// moved there. Whoever reads sees the old file or the new one, never a part.
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

let counter = 0;

/**
 * Replaces `path` by `value` as JSON, mode 0600, durably.
 * @param {string} path
 * @param {unknown} value
 */
export function writeJson(path, value) {
  const draft = writeDraft(path, value);
  renameSync(draft, path);
  flush(dirname(path));
}

/**
 * Makes `path` hold `value` unless it exists; link(2) decides, so of any number of processes exactly one succeeds.
 * @param {string} path
 * @param {unknown} value
 * @returns {boolean} whether it was this call that made it
 */
export function createJson(path, value) {
  const draft = writeDraft(path, value);
  try {
    linkSync(draft, path);
    flush(dirname(path));
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * The parsed file, or null when there is none.
 * @param {string} path
 * @returns {any}
 */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    throw error;
  }
}

/**
 * The text of a file of /proc, /sys or the state, or null when it is gone or not ours to read.
 * @param {string} path
 * @returns {string | null}
 */
export function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/**
 * @param {unknown} error
 * @param {string} code such as ENOENT
 */
export const hasCode = (error, code) => error instanceof Error && "code" in error && error.code === code;

/**
 * @param {string} path
 * @param {unknown} value
 */
function writeDraft(path, value) {
  counter += 1;
  const draft = `${path}.${process.pid}.${counter}.draft`;
  const file = openSync(draft, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify(value)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return draft;
}

/** @param {string} directory */
function flush(directory) {
  const file = openSync(directory, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
