// The server as a whole: its state, its figures, its charts.
import { Chart } from './chart.ts';
import { el, say } from '../shared/dom.ts';
import { byId } from './dom.ts';
import { bytes, bytesPerSecond, count, duration, micros, rate } from './format.ts';
import type { Sample } from './model.ts';

const facts: readonly (readonly [name: string, read: (sample: Sample) => string])[] = [
  ['Up for', ({ server }) => duration(server.uptimeSeconds)],
  ['Connections', ({ server }) => count(server.connections)],
  ['Away', ({ server }) => count(server.suspended)],
  ['Rooms', ({ server }) => count(server.rooms)],
  ['Processor', ({ process }) => `${count(process.cpuPercent)} %`],
  ['Memory', ({ process }) => bytes(process.memoryBytes)],
  ['Allocated', ({ process }) => bytesPerSecond(process.allocatedPerSecond)],
  ['Collections', ({ process }) => `${count(process.gen0)} · ${count(process.gen1)} · ${count(process.gen2)}`],
  ['Late ticks', ({ server }) => count(server.lateTicks)],
  ['Refusals', ({ server }) => count(server.refusals)],
];

const hints: Record<string, string> = {
  Away: 'Sessions whose connection broke and whose client may come back',
  Processor: 'Of one processor',
  Collections: 'Of the garbage collector: generation 0, 1 and 2',
  'Late ticks': 'Ticks that came more than one interval late',
};

const charts: readonly (readonly [chart: Chart, read: (sample: Sample) => readonly number[]])[] = [
  [new Chart({ title: 'Members', lines: ['members', 'connections'], format: rate }), ({ server }) => [server.members, server.connections]],
  [new Chart({ title: 'Throughput', lines: ['out', 'in'], format: bytesPerSecond }), ({ rates }) => [rates.bytesOut, rates.bytesIn]],
  [new Chart({ title: 'Tick time', lines: ['p50', 'p99', 'max'], format: micros }), ({ tick }) => [tick.p50, tick.p99, tick.max]],
  [new Chart({ title: 'Slow receivers', lines: ['now', 'passed over /s'], format: rate }),
    ({ server, rates }) => [server.slow, rates.conflated]],
];

/** Shows the whole server; gives the function that shows a sample. */
export function overview(): { show(sample: Sample): void; lost(): void } {
  const values = facts.map(([name]) => {
    const value = el('dd', {}, '–');
    byId('facts').append(el('div', hints[name] ? { title: hints[name] } : {}, el('dt', {}, name), value));
    return value;
  });
  byId('charts').append(...charts.map(([chart]) => chart.element));
  let wasLost = false;
  return {
    show(sample) {
      facts.forEach(([, read], i) => say(values[i] as HTMLElement, read(sample)));
      // The first of a server's samples has nothing to be compared with: its ticks are those of all time.
      for (const [chart, read] of sample.seconds === 0 ? [] : charts) {
        if (wasLost) {
          chart.add(null);
        }
        chart.add(read(sample));
      }
      wasLost &&= sample.seconds === 0;
      state(sample.server.draining ? 'draining' : 'ready', sample.server.draining ? 'Draining' : 'Ready');
      byId<HTMLButtonElement>('drain').disabled = sample.server.draining;
    },
    lost() {
      wasLost = true;
      state('lost', 'Not connected');
      byId<HTMLButtonElement>('drain').disabled = true;
    },
  };
}

function state(name: string, text: string): void {
  byId('state').dataset['state'] = name;
  say(byId('state-text'), text);
}
