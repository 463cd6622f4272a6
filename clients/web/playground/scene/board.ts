// A board that stands upright: a picture in its frame, or a card that says what is not shown.
import { BoxGeometry, type BufferGeometry, CanvasTexture, DoubleSide, Group, Mesh, MeshBasicMaterial, MeshLambertMaterial, PlaneGeometry, SRGBColorSpace } from 'three';
import { merged, painted } from './paint.ts';
import type { Picture } from './picture.ts';
import type { Size } from './thing.ts';

/** The longest side of a picture, or of a model, in metres. */
export const LONGEST_SIDE = 1.6;
const DEPTH = 0.05;
export const CARD: Size = [1.2, 0.8, DEPTH];
const BAR = 0.045;
const WOOD = 0x6f4e37;
const [CARD_PIXELS, MARGIN, LINE] = [640, 44, 46];
const MOST_LINES = 3;

const frameMaterial = new MeshLambertMaterial({ vertexColors: true, flatShading: true });

/** Something to look at in the scene, which has to be given up when it is not shown any more. */
export interface Exhibit {
  readonly object: Group;
  readonly size: Size;
  readonly dispose: () => void;
}

/** How large a picture hangs, with its frame. */
export function pictureSize({ width, height }: Picture): Size {
  const longest = Math.max(width, height);
  // A line is still something that one can see and take.
  const [w, h] = [width, height].map((side) => Math.max((side / longest) * LONGEST_SIDE, BAR)) as [number, number];
  return [w + 2 * BAR, h + 2 * BAR, DEPTH];
}

/** A picture in a frame. What is transparent one can look through, also from behind. */
export function framed(picture: Picture): Exhibit {
  const { isTransparent, texture } = picture;
  const surface = new MeshBasicMaterial({ map: texture, transparent: isTransparent, ...(isTransparent && { side: DoubleSide }) });
  return board(pictureSize(picture), surface, isTransparent, () => undefined);
}

/** A card that names a file, and says a sentence about it. */
export function card(title: string, sentence: string): Exhibit {
  const texture = new CanvasTexture(write(title, sentence));
  texture.colorSpace = SRGBColorSpace;
  texture.anisotropy = 4;
  texture.flipY = false;
  return board(CARD, new MeshBasicMaterial({ map: texture }), false, () => texture.dispose());
}

function board(size: Size, surface: MeshBasicMaterial, isOpen: boolean, disposeMore: () => void): Exhibit {
  const [width, height] = [size[0] - 2 * BAR, size[1] - 2 * BAR];
  const plane = upsideDown(new PlaneGeometry(width, height));
  const front = new Mesh(plane, surface);
  front.position.z = isOpen ? 0 : DEPTH / 2 + 0.002;
  const wood = frame(width, height, isOpen);
  return {
    object: new Group().add(front, new Mesh(wood, frameMaterial)),
    size,
    dispose: () => {
      plane.dispose();
      wood.dispose();
      surface.dispose();
      disposeMore();
    },
  };
}

/** Four bars around the board, and a back unless one is to see through. */
function frame(width: number, height: number, isOpen: boolean): BufferGeometry {
  const bar = (x: number, y: number, w: number, h: number): BufferGeometry => painted(new BoxGeometry(w, h, DEPTH + 0.02), WOOD, { at: [x, y, 0] });
  const [right, top] = [(width + BAR) / 2, (height + BAR) / 2];
  const parts = [bar(0, top, width + 2 * BAR, BAR), bar(0, -top, width + 2 * BAR, BAR), bar(-right, 0, BAR, height), bar(right, 0, BAR, height)];
  return merged(isOpen ? parts : [...parts, painted(new BoxGeometry(width, height, DEPTH), 0x8a6548)]);
}

function upsideDown(plane: PlaneGeometry): PlaneGeometry {
  const places = plane.getAttribute('uv');
  for (let i = 0; i < places.count; i++) {
    places.setY(i, 1 - places.getY(i));
  }
  return plane;
}

function write(title: string, sentence: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = CARD_PIXELS;
  canvas.height = Math.round(CARD_PIXELS * (CARD[1] - 2 * BAR) / (CARD[0] - 2 * BAR));
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#fff7ea';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#c93f1c';
  context.fillRect(0, 0, canvas.width, 14);
  context.fillStyle = '#2a2438';
  context.textBaseline = 'top';
  context.font = '600 38px system-ui, sans-serif';
  let y = MARGIN;
  for (const line of lines(context, title || 'A file')) {
    context.fillText(line, MARGIN, y);
    y += LINE;
  }
  context.fillStyle = '#665f75';
  context.font = '30px system-ui, sans-serif';
  y += 14;
  for (const line of lines(context, sentence)) {
    context.fillText(line, MARGIN, y);
    y += LINE - 8;
  }
  return canvas;
}

/** Breaks a text where it has to be, between words if there are any. */
function lines(context: CanvasRenderingContext2D, text: string): string[] {
  const most = CARD_PIXELS - 2 * MARGIN;
  const fits = (line: string): boolean => context.measureText(line).width <= most;
  const made: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line) {
      made.push(line);
    }
    line = '';
    for (const letter of word) {
      if (!fits(line + letter)) {
        made.push(line);
        line = '';
      }
      line += letter;
    }
  }
  made.push(line);
  return made.length > MOST_LINES ? [...made.slice(0, MOST_LINES - 1), `${made[MOST_LINES - 1]!.slice(0, -1)}…`] : made;
}
