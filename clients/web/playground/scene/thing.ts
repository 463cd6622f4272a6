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

export class Thing {
  readonly position = new Vector3();
  readonly rotation = new Quaternion();
  visible = false;
  isPinned = false;
  isAimedAt = false;
  scale = 1;

  constructor(readonly id: number, readonly shape: Shape, public colour: Color) {}

  get rest(): number { return SHAPE_FACTS[this.shape].rest * this.scale; }
}
