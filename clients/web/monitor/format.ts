// Figures for people: short, and always as wide as they need to be and no wider.

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Three digits or so, and a point only where it tells something. */
const short = (value: number): string => (value >= 100 || Number.isInteger(value) ? number : decimal).format(value);

export const count = (value: number): string => number.format(value);

/** A rate: whole where that is exact enough. */
export const rate = (value: number): string => (value >= 10 || Number.isInteger(value) ? number : decimal).format(value);

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) {
    value /= 1000;
  }
  return `${unit === 0 ? number.format(value) : short(value)} ${units[unit]}`;
}

export const bytesPerSecond = (value: number): string => `${bytes(value)}/s`;

/** A time that is told in microseconds. */
export function micros(value: number): string {
  return value < 1000 ? `${short(value)} µs` : value < 1e6 ? `${short(value / 1000)} ms` : `${short(value / 1e6)} s`;
}

/** How long something has lasted. */
export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  return days > 0 ? `${days} d ${hours} h`
    : hours > 0 ? `${hours} h ${minutes} min`
      : minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

export const timeOfDay = (millis: number): string => new Date(millis).toLocaleTimeString('en-GB');

/** One and many. */
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;
