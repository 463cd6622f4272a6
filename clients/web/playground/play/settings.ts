// What this browser remembers, and what the address says.
const MAX_NAME = 24;

const FIRST = ['Brave', 'Calm', 'Clever', 'Curious', 'Gentle', 'Happy', 'Jolly', 'Kind', 'Lucky', 'Merry', 'Nimble', 'Quiet', 'Sunny', 'Swift', 'Witty'];
const SECOND = ['Badger', 'Bear', 'Crane', 'Deer', 'Finch', 'Fox', 'Hare', 'Heron', 'Lynx', 'Otter', 'Owl', 'Panda', 'Robin', 'Seal', 'Wren'];

export type Theme = 'auto' | 'light' | 'dark';

/** `?room=`, or "plaza". */
export function roomName(): string {
  return new URLSearchParams(location.search).get('room')?.trim() || 'plaza';
}

// Two tabs of one browser are two people. The first has the name that is kept; another has one for as long as it is open.
let names: 'relay.name' | 'relay.second-name' = 'relay.name';

/** Decides which tab this is: call it once, before the name is used. Without locks (no https) all tabs share a name. */
export function claimName(): Promise<void> {
  return new Promise((resolve) => {
    if (!('locks' in navigator)) {
      resolve();
      return;
    }
    void navigator.locks.request('relay.name', { ifAvailable: true }, (lock) => {
      names = lock ? 'relay.name' : 'relay.second-name';
      resolve();
      // Held until the tab is closed.
      return lock ? new Promise(() => undefined) : undefined;
    });
  });
}

export function readName(): string {
  const known = tidy(recall(names) ?? '');
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
    keep(names, tidied);
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

function storageOf(key: string): Storage {
  return key === 'relay.second-name' ? sessionStorage : localStorage;
}

function recall(key: string): string | null {
  try {
    return storageOf(key).getItem(key);
  } catch {
    return unsaved.get(key) ?? null;
  }
}

function keep(key: string, value: string): void {
  try {
    storageOf(key).setItem(key, value);
  } catch {
    unsaved.set(key, value);
  }
}
