// The place itself: a small island in the sky with a fountain, trees and lanterns. Never moves, so it is two meshes.
import {
  AdditiveBlending, BoxGeometry, CircleGeometry, ConeGeometry, CylinderGeometry, DodecahedronGeometry, Float32BufferAttribute, Group, IcosahedronGeometry, Mesh, MeshBasicMaterial,
  MeshLambertMaterial, RingGeometry, TorusGeometry, type BufferGeometry,
} from 'three';
import { merged, painted, seeded } from './paint.ts';

/** How far one can walk from the middle, in metres. */
export const ISLAND_RADIUS = 26;

/** What one does not walk through: upright cylinders, in metres. */
export interface Obstacle { x: number; z: number; radius: number; height: number }

const LAMPS = 8;
const LAMP_RADIUS = 11.5;
const LIE_FLAT: [number, number, number, number] = [-Math.SQRT1_2, 0, 0, Math.SQRT1_2];

export class Plaza {
  readonly group = new Group();
  readonly obstacles: Obstacle[] = [];
  private readonly lampMaterial = new MeshBasicMaterial();
  private readonly glow = new Mesh(merged(glows()), new MeshBasicMaterial({ vertexColors: true, transparent: true, blending: AdditiveBlending, depthWrite: false }));
  private readonly water = new MeshLambertMaterial({ color: 0x6cc6d9, transparent: true, opacity: 0.86 });

  constructor() {
    const solid: BufferGeometry[] = [...ground(), ...this.fountain(), ...this.trees(), ...this.benches(), ...clouds()];
    const lights: BufferGeometry[] = [];
    for (const [x, z] of lampPlaces()) {
      solid.push(painted(new CylinderGeometry(0.05, 0.09, 2.5, 6), 0x4a4458, { at: [x, 1.25, z] }));
      solid.push(painted(new ConeGeometry(0.26, 0.22, 6), 0x4a4458, { at: [x, 2.93, z] }));
      lights.push(painted(new IcosahedronGeometry(0.2, 1), 0xffffff, { at: [x, 2.66, z] }));
      this.obstacles.push({ x, z, radius: 0.12, height: 2.8 });
    }
    const stone = new Mesh(merged(solid), new MeshLambertMaterial({ vertexColors: true, flatShading: true }));
    const pool = new Mesh(new CircleGeometry(1.72, 28), this.water);
    pool.rotation.x = -Math.PI / 2;
    pool.position.y = 0.42;
    this.group.add(stone, new Mesh(merged(lights), this.lampMaterial), this.glow, pool);
    for (const part of this.group.children) {
      part.matrixAutoUpdate = false;
      part.updateMatrix();
    }
  }

  /** At night lamps light the ground below them. */
  setLamp(colour: number, isLit: boolean): void {
    this.lampMaterial.color.set(colour);
    this.glow.visible = isLit;
  }

  private fountain(): BufferGeometry[] {
    this.obstacles.push({ x: 0, z: 0, radius: 2.1, height: 0.55 });
    return [
      painted(new CylinderGeometry(2.05, 2.2, 0.5, 20, 1, true), 0xd8c8b0, { at: [0, 0.25, 0] }),
      painted(new TorusGeometry(1.95, 0.16, 5, 20), 0xeadfcb, { at: [0, 0.5, 0], turn: LIE_FLAT }),
      painted(new CylinderGeometry(0.28, 0.42, 1.5, 8), 0xd8c8b0, { at: [0, 0.85, 0] }),
      painted(new CylinderGeometry(0.85, 0.3, 0.28, 12), 0xeadfcb, { at: [0, 1.6, 0] }),
      painted(new IcosahedronGeometry(0.3, 1), 0xe4572e, { at: [0, 2.02, 0] }),
    ];
  }

  private trees(): BufferGeometry[] {
    const random = seeded(20);
    const parts: BufferGeometry[] = [];
    const greens = [0x6fa05a, 0x86b36a, 0x5b8f60, 0xc9a24b, 0x9dbb63];
    for (let i = 0; i < 26; i++) {
      const angle = (i / 26) * Math.PI * 2 + random() * 0.16;
      const radius = 16.5 + random() * 7.5;
      const [x, z, size] = [Math.cos(angle) * radius, Math.sin(angle) * radius, 0.8 + random() * 0.7];
      const green = greens[Math.floor(random() * greens.length)]!;
      parts.push(painted(new CylinderGeometry(0.12 * size, 0.2 * size, 1.3 * size, 6), 0x8a6548, { at: [x, 0.6 * size, z] }));
      if (random() < 0.55) {
        for (const [dx, y, dz, r] of [[0, 2, 0, 1], [0.5, 1.6, 0.2, 0.65], [-0.45, 1.7, -0.3, 0.7]] as const) {
          parts.push(painted(new DodecahedronGeometry(r * size, 0), green, { at: [x + dx * size, y * size, z + dz * size] }));
        }
      } else {
        for (const [y, r] of [[1.5, 1.05], [2.3, 0.8], [3, 0.52]] as const) {
          parts.push(painted(new ConeGeometry(r * size, 1.25 * size, 7), green, { at: [x, y * size, z] }));
        }
      }
      this.obstacles.push({ x, z, radius: 0.3 * size, height: 3 * size });
    }
    for (let i = 0; i < 40; i++) {
      const [angle, radius] = [random() * Math.PI * 2, 12.5 + random() * 12.5];
      const size = 0.12 + random() * 0.26;
      const colour = random() < 0.5 ? 0xa9a39a : [0xf2a65a, 0xe8618c, 0xf4d35e, 0xffffff][Math.floor(random() * 4)]!;
      parts.push(painted(new DodecahedronGeometry(size * (colour === 0xa9a39a ? 1 : 0.45), 0), colour,
        { at: [Math.cos(angle) * radius, size * 0.4, Math.sin(angle) * radius] }));
    }
    return parts;
  }

  private benches(): BufferGeometry[] {
    const parts: BufferGeometry[] = [];
    for (let i = 0; i < 4; i++) {
      const angle = (i / 4) * Math.PI * 2 + Math.PI / 4 + 0.2;
      const [x, z] = [Math.cos(angle) * 9.6, Math.sin(angle) * 9.6];
      const half = (Math.PI / 2 - angle) / 2;
      const turn: [number, number, number, number] = [0, Math.sin(half), 0, Math.cos(half)];
      parts.push(painted(new BoxGeometry(2, 0.1, 0.55), 0xb27a4c, { at: [x, 0.48, z], turn }));
      for (const side of [-0.75, 0.75]) {
        const [dx, dz] = [Math.sin(angle) * side, -Math.cos(angle) * side];
        parts.push(painted(new BoxGeometry(0.12, 0.44, 0.5), 0x6d5a6e, { at: [x + dx, 0.22, z + dz], turn }));
        this.obstacles.push({ x: x + dx * 0.8, z: z + dz * 0.8, radius: 0.45, height: 0.52 });
      }
    }
    return parts;
  }
}

function lampPlaces(): [number, number][] {
  return Array.from({ length: LAMPS }, (_, i) => {
    const angle = ((i + 0.5) / LAMPS) * Math.PI * 2;
    return [Math.cos(angle) * LAMP_RADIUS, Math.sin(angle) * LAMP_RADIUS];
  });
}

/** Pools of warm light: bright in the middle, nothing at the rim. */
function glows(): BufferGeometry[] {
  return lampPlaces().map(([x, z]) => {
    const pool = painted(new CircleGeometry(3.4, 28), 0x000000, { at: [x, 0.04, z], turn: LIE_FLAT });
    const places = pool.getAttribute('position');
    const colours: number[] = [];
    for (let i = 0; i < places.count; i++) {
      const isMiddle = Math.hypot(places.getX(i) - x, places.getZ(i) - z) < 0.1;
      colours.push(...(isMiddle ? [0.2, 0.11, 0.03] : [0, 0, 0]));
    }
    return pool.setAttribute('color', new Float32BufferAttribute(colours, 3));
  });
}

function ground(): BufferGeometry[] {
  const parts = [
    painted(new CylinderGeometry(ISLAND_RADIUS + 1, ISLAND_RADIUS + 1.4, 0.9, 40), 0x93bd74, { at: [0, -0.46, 0] }),
    painted(new CylinderGeometry(ISLAND_RADIUS + 1.3, 19, 3.4, 26), 0x9a7b5f, { at: [0, -2.6, 0] }),
    painted(new ConeGeometry(19, 13, 18), 0x84684f, { at: [0, -10.8, 0], turn: [1, 0, 0, 0] }),
    painted(new RingGeometry(2, 10.8, 40), 0xe6d8c0, { at: [0, 0.012, 0], turn: LIE_FLAT }),
  ];
  // Paving: rings of stones, every other a shade darker; and four paths out.
  for (const [inner, outer, stones, shade] of [[3.2, 4.4, 18, 0], [6, 7.2, 30, 1], [9.6, 10.8, 44, 0]] as const) {
    for (let i = shade; i < stones; i += 2) {
      parts.push(painted(new RingGeometry(inner, outer, 3, 1, (i / stones) * Math.PI * 2, (Math.PI * 2) / stones * 0.96), 0xd6c2a4,
        { at: [0, 0.024, 0], turn: LIE_FLAT }));
    }
  }
  for (let i = 0; i < 4; i++) {
    const angle = (i / 4) * Math.PI * 2;
    for (let step = 0; step < 8; step++) {
      const radius = 11.6 + step * 1.5;
      const half = -angle / 2;
      parts.push(painted(new BoxGeometry(1, 0.05, 1.9 - (step % 2) * 0.35), step % 2 ? 0xd6c2a4 : 0xe6d8c0,
        { at: [Math.cos(angle) * radius, 0.01, Math.sin(angle) * radius], turn: [0, Math.sin(half), 0, Math.cos(half)] }));
    }
  }
  return parts;
}

function clouds(): BufferGeometry[] {
  const random = seeded(7);
  const parts: BufferGeometry[] = [];
  for (let i = 0; i < 11; i++) {
    const angle = (i / 11) * Math.PI * 2 + random();
    const [radius, y] = [48 + random() * 30, -6 + random() * 22];
    const [x, z] = [Math.cos(angle) * radius, Math.sin(angle) * radius];
    for (let puff = 0; puff < 4; puff++) {
      const size = 1.6 + random() * 2.6;
      parts.push(painted(new IcosahedronGeometry(size, 1), 0xffffff,
        { at: [x + (puff - 1.5) * 2.8, y + random() * 1.2, z + random() * 3], scale: [1.25, 0.55, 1] }));
    }
  }
  return parts;
}
