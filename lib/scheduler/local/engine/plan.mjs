// @ts-check
// Who starts when: first come first served, and a later job may go before when that delays none of those before it
// (conservative backfill). Pure; times are milliseconds.

/** @typedef {{ cpus: number, memoryMiB: number }} Size */
/** @typedef {Size & { endsAt: number }} Busy a running job and when its limit ends it at the latest */
/** @typedef {Size & { id: string, limitMilliseconds: number }} Waiting */

/** Jobs planned ahead. Those behind wait without a forecast until they come into this window. */
const WINDOW = 50;

/**
 * @param {{ capacity: Size, busy: Busy[], waiting: Waiting[], now: number }} situation waiting: in order of arrival
 * @returns {Map<string, number>} when each waiting job starts at the latest: `now` if it may, infinity if never
 */
export function planStarts({ capacity, busy, waiting, now }) {
  /** @type {(Busy & { startsAt: number })[]} */
  const reserved = busy.map((it) => ({ ...it, startsAt: now, endsAt: Math.max(it.endsAt, now + 1) }));
  const starts = new Map();
  for (const job of waiting.slice(0, WINDOW)) {
    const startsAt = earliestStart(job, { capacity, reserved, now });
    reserved.push({ ...job, startsAt, endsAt: startsAt + job.limitMilliseconds });
    starts.set(job.id, startsAt);
  }
  return starts;
}

/**
 * Room can only grow where something ends, so those instants are all that need trying.
 * @param {Waiting} job
 * @param {{ capacity: Size, reserved: (Busy & { startsAt: number })[], now: number }} situation
 */
function earliestStart(job, { capacity, reserved, now }) {
  const instants = [now, ...reserved.map((it) => it.endsAt)].sort((a, b) => a - b);
  const fits = (/** @type {number} */ at) => {
    const during = reserved.filter((it) => it.startsAt < at + job.limitMilliseconds && it.endsAt > at);
    const moments = [at, ...during.map((it) => it.startsAt).filter((startsAt) => startsAt > at)];
    return moments.every((moment) => roomAt(moment, { capacity, reserved: during }, job));
  };
  // Never, when it is larger than the machine: that happens when the machine was made smaller after the submit.
  return instants.find(fits) ?? Number.POSITIVE_INFINITY;
}

/**
 * @param {number} moment
 * @param {{ capacity: Size, reserved: (Busy & { startsAt: number })[] }} situation
 * @param {Size} size
 */
function roomAt(moment, { capacity, reserved }, size) {
  const active = reserved.filter((it) => it.startsAt <= moment && it.endsAt > moment);
  const cpus = active.reduce((sum, it) => sum + it.cpus, size.cpus);
  const memoryMiB = active.reduce((sum, it) => sum + it.memoryMiB, size.memoryMiB);
  return cpus <= capacity.cpus && memoryMiB <= capacity.memoryMiB;
}
