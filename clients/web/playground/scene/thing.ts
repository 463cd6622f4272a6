// One thing that lies, is carried or flies around, as it is shown.
import { Quaternion, Vector3, type Color } from 'three';

export const SHAPES = ['box', 'ball', 'gem'] as const;
export type Shape = (typeof SHAPES)[number];

export interface ShapeFacts { title: string; /** From its middle to what it stands on, in metres. */ rest: number; bounce: number; rolls: boolean }

export const SHAPE_FACTS: Record<Shape, ShapeFacts> = {
  box: { title: 'Box', rest: 0.3, bounce: 0.34, rolls: false },
  ball: { title: 'Ball', rest: 0.32, bounce: 0.74, rolls: true },
  gem: { title: 'Gem', rest: 0.36, bounce: 0.5, rolls: false },
};

/** The shape that an object's type names; others than ours look like a box. */
export function shapeOf(type: string): Shape {
  return SHAPES.find((shape) => shape === type) ?? 'box';
}

/** Width, height, depth, in metres. */
export type Size = readonly [number, number, number];

/** What a thing shows in place of its shape. */
export interface ShownFile {
  hash: string;
  /** What whoever made the thing says of it: a media type, its name. */
  type: string;
  name: string;
  /** Whether an image is said to be had in smaller forms. */
  variants: boolean;
  /** How large it is shown; undefined until that is known. */
  size: Size | undefined;
}

const FILE_BOUNCE = 0.2;
/** What it is taken for until its size is known. */
const UNKNOWN_SIZE: Size = [1.2, 0.8, 0.1];
const TOY_RADIUS = 0.34;

export class Thing {
  readonly position = new Vector3();
  readonly rotation = new Quaternion();
  visible = false;
  isPinned = false;
  isAimedAt = false;
  scale = 1;
  file: ShownFile | undefined;

  constructor(readonly id: number, readonly shape: Shape, public colour: Color) {}

  get rest(): number { return (this.file ? this.size[1] / 2 : SHAPE_FACTS[this.shape].rest) * this.scale; }
  get bounce(): number { return this.file ? FILE_BOUNCE : SHAPE_FACTS[this.shape].bounce; }
  get rolls(): boolean { return this.file === undefined && SHAPE_FACTS[this.shape].rolls; }
  /** How much more ground it covers than a toy. */
  get breadth(): number { return this.scale * (this.file ? (this.size[0] + this.size[2]) / 4 / TOY_RADIUS : 1); }
  /** How far from its middle one takes hold of it, in metres. */
  get grasp(): number { return this.file ? Math.max(...this.size) * 0.4 * this.scale : 0; }
  /** From its middle to its front, in metres. */
  get front(): number { return this.file ? (this.size[2] / 2) * this.scale : 0; }

  private get size(): Size { return this.file?.size ?? UNKNOWN_SIZE; }
}
