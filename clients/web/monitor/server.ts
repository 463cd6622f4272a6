// The server's side: the stream of samples, looks into rooms, orders.
import type { RoomLook, Sample } from './model.ts';

const RETRY_MS = 2000;
/** A stream that is silent for so long is dead, whatever the browser believes of it. */
const SILENCE_MS = 6000;

/** What the server said no to, in its words. */
export class Refused extends Error {
  constructor(readonly status: number, text: string) {
    super(text);
  }
}

/** Watches for ever: gives each sample, and a sentence whenever the connection is lost. */
export function watch(onSample: (sample: Sample) => void, onLost: (sentence: string) => void): void {
  let source: EventSource | undefined;
  let silence = 0;

  const lose = async (): Promise<void> => {
    source?.close();
    clearTimeout(silence);
    onLost(await whyLost());
    setTimeout(open, RETRY_MS);
  };
  const listen = (): void => {
    clearTimeout(silence);
    silence = window.setTimeout(() => void lose(), SILENCE_MS);
  };
  function open(): void {
    source = new EventSource('/monitor/api/events');
    source.onmessage = (event: MessageEvent<string>) => {
      listen();
      onSample(JSON.parse(event.data) as Sample);
    };
    source.onerror = () => void lose();
    listen();
  }
  open();
}

async function whyLost(): Promise<string> {
  const again = 'This page tries again every two seconds.';
  try {
    const answer = await fetch('/monitor/api/overview', { signal: AbortSignal.timeout(SILENCE_MS) });
    switch (answer.status) {
      case 200: return `The connection to the server was lost, or too many pages watch already. ${again}`;
      case 401: return 'The server asks for the key again: reload this page.';
      case 404: return 'The monitor has been switched off on this server.';
      default: return `${(await answer.text()).trim()} ${again}`;
    }
  } catch {
    return `The server cannot be reached: it has stopped, or the network is down. ${again}`;
  }
}

/** Looks into a room; undefined if there is none of that name. */
export async function look(room: string): Promise<RoomLook | undefined> {
  const answer = await fetch(`/monitor/api/rooms/${encodeURIComponent(room)}`);
  if (answer.status === 404) {
    return undefined;
  }
  return await read(answer) as RoomLook;
}

/** Takes a member out. Gives the server's sentence. */
export const kick = (room: string, epoch: string, member: number): Promise<string> => order('kick', { room, epoch, member });

/** Drains the server. Gives the server's sentence. */
export const drain = (): Promise<string> => order('drain', {});

async function order(what: string, body: object): Promise<string> {
  const answer = await fetch(`/monitor/api/${what}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await read(answer) as { text: string }).text;
}

async function read(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (answer.ok) {
    return JSON.parse(text);
  }
  let sentence = text.trim();
  try {
    sentence = (JSON.parse(text) as { text: string }).text;
  } catch {
    // A plain line.
  }
  throw new Refused(answer.status, sentence);
}
