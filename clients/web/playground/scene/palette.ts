// The colours of the room: by day, by night, and of those who are in it.
import { Color } from 'three';

export interface SkyColours {
  top: number;
  horizon: number;
  below: number;
  sun: number;
  sunStrength: number;
  skyLight: number;
  groundLight: number;
  fillStrength: number;
  lamp: number;
  stars: number;
}

export const DAY: SkyColours = {
  top: 0x3f95e6, horizon: 0xffedd6, below: 0xcfe0e6, sun: 0xfff1dc, sunStrength: 2.3,
  skyLight: 0xdcebff, groundLight: 0xd9c7a8, fillStrength: 1.7, lamp: 0xfff3d6, stars: 0,
};

export const NIGHT: SkyColours = {
  top: 0x090d22, horizon: 0x3b2f5e, below: 0x11162c, sun: 0xb3c4ff, sunStrength: 1.5,
  skyLight: 0x6d79c4, groundLight: 0x4a3a52, fillStrength: 2.1, lamp: 0xffb457, stars: 1,
};

// Hues far enough apart to tell people from each other, close enough in lightness to belong together.
const PEOPLE = [0xe4572e, 0x2e86ab, 0x7b5ea7, 0x2a9d63, 0xd6336c, 0xe09f1f, 0x3d5bd1, 0x0f9aa0, 0xb35c1e, 0x8f9e1d];

/** The colour of a member, by its id. */
export function colourOf(member: number): number {
  return PEOPLE[member % PEOPLE.length]!;
}

export function cssColour(colour: number): string {
  return `#${colour.toString(16).padStart(6, '0')}`;
}

export const CREAM = 0xfff0dc;
export const INK = 0x2a2438;
export const ACCENT = 0xe4572e;

/** Colours of things, from which one is taken when a thing is made. */
export const THINGS = ['#f2a65a', '#ee6c4d', '#58a4b0', '#8e7dbe', '#7fb069', '#e8618c', '#f4d35e', '#5b8def'] as const;

/** The colour that somebody gave a thing, if it is one. */
export function thingColour(value: unknown, id: number): Color {
  const isColour = typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value);
  return new Color(isColour ? value : THINGS[id % THINGS.length]!);
}
