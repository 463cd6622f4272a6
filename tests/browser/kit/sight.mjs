// What a page saw of a walker, judged by what had come in: whatever else the machine does, that much it could know.

import { BatchDecoder } from '../../../clients/js/dist/motion/batch.js';
import { Motion } from '../../../clients/js/dist/motion/motion.js';
import { Measures } from '../../../clients/js/dist/wire/index.js';
import { circle } from '../../../clients/js/test/kit/walk.mjs';

const radius = 3, turn = (1.4 / 3) / 1000; // of the circle; radians in a ms
const round = 2 * Math.PI / turn; // ms
const known = 30_000; // ms that the delay may still remember

const distance = (a, b) => Math.hypot(...a.map((value, i) => value - b[i]));

/**
 * @typedef {object} Sight what a page noted, all times in ms since the same moment
 * @property {object} measures of the room, as Joined says them
 * @property {number} slot the walker's
 * @property {{ at: number, bytes: number[] }[]} batches when the client was given each, and the frame
 * @property {{ at: number, position: number[] | undefined }[]} frames what was shown in each; undefined: nothing yet
 */

/**
 * Shows once more what came in, on a clock that stands still in between.
 * @param {Sight} sight
 * @returns {{ samples: { at: number, sent: number, made: number }[], farthest: number }} of each sample when it came, when the walker was
 *   there, and when the server says so; and how far from this what the page showed ever was, metres
 */
export function replay({ measures, slot, batches, frames }) {
  let now = 0;
  const room = new Measures(measures);
  const motion = new Motion(room.tickMs, () => now);
  const decoder = new BatchDecoder(room);
  const samples = [];
  let next = 0, farthest = 0, serverMillis = 0;
  const sink = {
    begin: (reset, millis) => { serverMillis = millis; motion.begin(reset, millis); },
    remove: (gone) => motion.remove(gone),
    set(told, flags, sample) {
      motion.set(told, flags, sample);
      if (told === slot) samples.push({ at: now, sent: when([...sample.subarray(1, 4)], now), made: serverMillis - sample[0] });
    },
    end: () => motion.end(),
  };
  for (const { at, position } of frames) {
    for (; next < batches.length && batches[next].at <= at; next++) {
      now = batches[next].at;
      decoder.decode(Uint8Array.from(batches[next].bytes), 4, batches[next].bytes.length, sink);
    }
    now = at;
    motion.update(at);
    if ((motion.present[slot] === 1) !== (position !== undefined)) farthest = Infinity;
    else if (position) farthest = Math.max(farthest, distance(position, [...motion.positions.subarray(3 * slot, 3 * slot + 3)]));
  }
  return { samples, farthest };
}

/** When the walker was where it is shown: the last time before a moment. */
export function when([x, , z], at) {
  const since = Math.atan2(z, x) / turn;
  return since + Math.floor((at - since) / round) * round;
}

/**
 * What is wrong with what was shown, however the machine stalled: the walker leaves its path, goes back, is ahead of what is known of it,
 * or is farther behind than what came in asks for.
 * @param {{ at: number, position: number[] }[]} frames
 * @param {{ at: number, sent: number }[]} samples
 * @returns {string[]}
 */
export function faults(frames, samples) {
  const found = [];
  // Between two samples the way is straight.
  const longest = Math.max(...samples.slice(1).map(({ sent }, i) => sent - samples[i].sent));
  const bulge = radius * (1 - Math.cos(Math.min(Math.PI, longest * turn) / 2));
  const ages = []; // how old the newest sample was, frame by frame
  let next = 0, newest, before = -Infinity;
  for (const { at, position } of frames) {
    for (; next < samples.length && samples[next].at <= at; next++) newest = samples[next].sent;
    ages.push({ at, age: at - newest });
    while (ages[0].at < at - known) ages.shift();
    const shown = when(position, at);
    const off = distance(position, circle(shown));
    if (off > 0.05 + bulge) found.push(`${off.toFixed(3)} m off the path at ${at.toFixed(0)}`);
    if (shown < before - 5) found.push(`${(before - shown).toFixed(0)} ms back at ${at.toFixed(0)}`);
    if (shown > newest + 40) found.push(`${(shown - newest).toFixed(0)} ms ahead at ${at.toFixed(0)}`);
    const oldest = Math.max(...ages.map(({ age }) => age));
    if (at - shown > oldest + 250) found.push(`${(at - shown - oldest).toFixed(0)} ms more behind than asked for at ${at.toFixed(0)}`);
    before = shown;
  }
  return found;
}

/**
 * How the machine stalled between two moments, in ms.
 * @returns {{ frame: number, sent: number, made: number, came: number }} the longest between two frames and between two samples where they
 *   were made, how unequally the server stamped them, and the longest between two that came
 */
export function stalls(frames, samples, from, to) {
  const within = (list) => list.filter(({ at }) => at >= from && at <= to);
  const longest = (list, key) => Math.max(...list.slice(1).map((one, i) => one[key] - list[i][key]));
  const [seen, came] = [within(frames), within(samples)];
  const stamps = came.map(({ made, sent }) => made - sent);
  return {
    frame: longest(seen, 'at'), sent: longest(came, 'sent'), made: Math.max(...stamps) - Math.min(...stamps), came: longest(came, 'at'),
  };
}
