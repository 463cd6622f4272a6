// What this browser remembers, and what the address says.
const MAX_NAME = 24;

const FIRST = ['Brave', 'Calm', 'Clever', 'Curious', 'Gentle', 'Happy', 'Jolly', 'Kind', 'Lucky', 'Merry', 'Nimble', 'Quiet', 'Sunny', 'Swift', 'Witty'];
const SECOND = ['Badger', 'Bear', 'Crane', 'Deer', 'Finch', 'Fox', 'Hare', 'Heron', 'Lynx', 'Otter', 'Owl', 'Panda', 'Robin', 'Seal', 'Wren'];

export type Theme = 'auto' | 'light' | 'dark';

/** `?room=`, or "plaza". */
export function roomName(): string {
  return new URLSearchParams(location.search).get('room')?.trim() || 'plaza';
}

export function readName(): string {
  const known = tidy(recall('relay.name') ?? '');
  if (known) {
    return known;
  }
  const pick = (words: string[]): string => words[Math.floor(Math.random() * words.length)]!;
  return keepName(`${pick(FIRST)} ${pick(SECOND)}`);
}

/** Keeps a name, tidied; an empty one changes nothing. Returns the one that holds. */
export function keepName(name: string): string {
  const tidied = tidy(name);
  if (tidied) {
    keep('relay.name', tidied);
    return tidied;
  }
  return readName();
}

export function readTheme(): Theme {
  const theme = recall('relay.theme');
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

export function keepTheme(theme: Theme): void {
  keep('relay.theme', theme);
}

function tidy(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/\s+/g, ' ').trim().slice(0, MAX_NAME);
}

// A browser may refuse storage; then a setting lasts as long as the page.
const unsaved = new Map<string, string>();

function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return unsaved.get(key) ?? null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    unsaved.set(key, value);
  }
}
