// A walk as it really gets to somebody's screen, on virtual time: frames of the walker's display, a relay's ticks, a network with jitter, frames of the
// watcher's display.
import { Motion } from '../../dist/motion/motion.js';

/** Random numbers that are the same for the same seed. */
export function random(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** A sample as the decoder hands it over, not turned. */
export const sample = (age, x, y, z, scale = 1) => Float64Array.of(age, x, y, z, 0, 0, 0, 1, scale);

/** Somebody walks round a circle of 3 m, at 1.4 m/s. */
export const circle = (ms) => {
  const angle = (1.4 / 3) * (ms / 1000);
  return [3 * Math.cos(angle), 0, 3 * Math.sin(angle)];
};

const interval = 50, wakeUp = 10, ageUnit = 4;

/**
 * @returns {{ at: number, position: number[] }[]} what the watcher's display shows, from eight seconds on: until then the delay finds itself
 */
export function watch({ path = circle, jitter = 0, uplink = 0, senderFps = 60, fps = 60, seconds = 40, seed = 1, outage = [Infinity, 0], from = 8000 }) {
  const chance = random(seed);
  let now = 0;
  const motion = new Motion(interval, () => now);

  // The walker sends with the first frame after its time is up; the relay reads each 10 ms.
  const received = [];
  let nextSend = 0, last = 0, sent;
  for (let at = 0; at < seconds * 1000; at += 1000 / senderFps) {
    if (at < nextSend - 4 || String(path(at)) === sent) continue; // whoever stands still sends nothing
    sent = String(path(at));
    nextSend = at - nextSend < interval ? nextSend + interval : at + interval;
    last = Math.max(last, at + 20 + chance() * uplink);
    received.push({ at: Math.ceil(last / wakeUp) * wakeUp, position: path(at) });
  }

  // Each tick tells the newest.
  const batches = [];
  let next = 0, newest;
  for (let tick = interval; tick < seconds * 1000; tick += interval) {
    let isNew = false;
    for (; next < received.length && received[next].at <= tick; next++) { newest = received[next]; isNew = true; }
    if (isNew) batches.push({ tick, age: Math.min(15, Math.floor((tick - newest.at) / ageUnit)), position: newest.position });
  }

  // They arrive in order. An outage holds everything back until it is over.
  last = 0;
  for (const batch of batches) {
    last = Math.max(last, batch.tick + 30 + chance() * jitter);
    if (last > outage[0] && last < outage[0] + outage[1]) last = outage[0] + outage[1];
    batch.arrives = last;
  }

  const shown = [];
  next = 0;
  for (let at = 0; at < seconds * 1000; at += 1000 / fps) {
    for (; next < batches.length && batches[next].arrives <= at; next++) {
      const { tick, age, position: [x, y, z], arrives } = batches[next];
      now = arrives;
      motion.begin(next === 0, tick);
      motion.set(0, 0, sample(age * ageUnit, x, y, z));
      motion.end();
    }
    now = at;
    motion.update();
    if (motion.present[0] && at >= from) shown.push({ at, position: Array.from(motion.positions.subarray(0, 3)) });
  }
  return shown;
}

const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** How far what is shown is from the path at its best constant delay. @returns {{ metres: number, delay: number }} */
export function error(shown, path = circle) {
  let best = { metres: Infinity, delay: 0 };
  for (let delay = 0; delay < 800; delay += 2) {
    let metres = 0;
    for (const { at, position } of shown) metres = Math.max(metres, distance(position, path(at - delay)));
    if (metres < best.metres) best = { metres, delay };
  }
  return best;
}

/** The greatest change of speed from one frame to the next, as a part of the speed. */
export function roughness(shown) {
  let worst = 0, before;
  for (let i = 1; i < shown.length; i++) {
    const speed = distance(shown[i].position, shown[i - 1].position) / (shown[i].at - shown[i - 1].at) * 1000;
    if (before > 0.3) worst = Math.max(worst, Math.abs(speed - before) / before);
    before = speed;
  }
  return worst;
}

/** The longest way between two frames, metres. */
export const longestStep = (shown) => shown.slice(1).reduce((most, { position }, i) => Math.max(most, distance(position, shown[i].position)), 0);
