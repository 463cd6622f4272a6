// Draws all toys, and the shadows and pins of all things: one call for each kind.
import {
  BoxGeometry, type BufferGeometry, CircleGeometry, Color, ConeGeometry, CylinderGeometry, IcosahedronGeometry, InstancedMesh, type Material,
  Matrix4, MeshBasicMaterial, MeshLambertMaterial, Quaternion, type Scene, SphereGeometry, TorusGeometry, Vector3,
} from 'three';
import { ACCENT } from './palette.ts';
import { merged, painted } from './paint.ts';
import type { Thing } from './thing.ts';

const FIRST_CAPACITY = 64;
const FLAT = new Quaternion(-Math.SQRT1_2, 0, 0, Math.SQRT1_2);
const UPRIGHT = new Quaternion();
const HIGHLIGHT = new Color(0xffffff);

const solid = new MeshLambertMaterial({ vertexColors: true, flatShading: true });
const smooth = new MeshLambertMaterial({ vertexColors: true });
const dark = new MeshBasicMaterial({ color: 0x000000, transparent: true, opacity: 0.2, depthWrite: false });
const bright = new MeshBasicMaterial({ color: ACCENT });

const KINDS: Record<string, [() => BufferGeometry, Material]> = {
  box: [boxGeometry, solid],
  ball: [ballGeometry, smooth],
  gem: [() => painted(new IcosahedronGeometry(0.38, 0), 0xffffff), solid],
  shadow: [() => new CircleGeometry(0.34, 16), dark],
  pin: [pinGeometry, smooth],
  ring: [() => new TorusGeometry(0.5, 0.028, 5, 32), bright],
};

export class ThingMeshes {
  private readonly meshes = new Map<string, InstancedMesh>();
  private readonly counts = new Map<string, number>();
  private readonly matrix = new Matrix4();
  private readonly place = new Vector3();
  private readonly size = new Vector3();
  private readonly colour = new Color();

  constructor(private readonly scene: Scene) {
    for (const kind of Object.keys(KINDS)) {
      this.make(kind, FIRST_CAPACITY);
    }
  }

  draw(things: Iterable<Thing>): void {
    for (const kind of this.meshes.keys()) {
      this.counts.set(kind, 0);
    }
    for (const thing of things) {
      if (thing.visible) {
        this.drawOne(thing);
      }
    }
    for (const [kind, mesh] of this.meshes) {
      mesh.count = this.counts.get(kind)!;
      mesh.instanceMatrix.needsUpdate = true;
      if (mesh.instanceColor) {
        mesh.instanceColor.needsUpdate = true;
      }
    }
  }

  private drawOne(thing: Thing): void {
    const { position, rotation, rest } = thing;
    if (!thing.file) {
      this.colour.copy(thing.colour);
      if (thing.isAimedAt) {
        this.colour.lerp(HIGHLIGHT, 0.28);
      }
      this.add(thing.shape, position, rotation, thing.scale, this.colour);
    }
    if (position.y < rest + 4 && position.y > 0) {
      this.add('shadow', this.place.set(position.x, 0.033, position.z), FLAT, thing.breadth * Math.max(0.35, 1.1 - position.y * 0.22));
    }
    if (thing.isPinned) {
      this.add('pin', this.place.set(position.x, position.y + rest, position.z), UPRIGHT, 1);
    }
    if (thing.isAimedAt) {
      this.add('ring', this.place.set(position.x, Math.max(0.06, position.y - rest + 0.03), position.z), FLAT, thing.breadth);
    }
  }

  private add(kind: string, place: Vector3, turn: Quaternion, scale: number, colour?: Color): void {
    const index = this.counts.get(kind)!;
    let mesh = this.meshes.get(kind)!;
    if (index === mesh.instanceMatrix.count) {
      mesh = this.make(kind, index * 2);
    }
    mesh.setMatrixAt(index, this.matrix.compose(place, turn, this.size.setScalar(scale)));
    if (colour) {
      mesh.setColorAt(index, colour);
    }
    this.counts.set(kind, index + 1);
  }

  private make(kind: string, capacity: number): InstancedMesh {
    const [geometry, material] = KINDS[kind]!;
    const old = this.meshes.get(kind);
    const mesh = new InstancedMesh(old?.geometry ?? geometry(), material, capacity);
    mesh.frustumCulled = false;
    if (old) {
      (mesh.instanceMatrix.array as Float32Array).set(old.instanceMatrix.array);
      if (old.instanceColor) {
        mesh.setColorAt(0, HIGHLIGHT);
        (mesh.instanceColor!.array as Float32Array).set(old.instanceColor.array);
      }
      this.scene.remove(old);
      old.dispose();
    }
    this.scene.add(mesh);
    this.meshes.set(kind, mesh);
    return mesh;
  }
}

function boxGeometry(): BufferGeometry {
  const parts = [painted(new BoxGeometry(0.56, 0.56, 0.56), 0xffffff)];
  // Edges, a little lighter than the sides: a crate, not a cube.
  for (const [x, y, z] of [[1, 0, 0], [0, 1, 0], [0, 0, 1]] as const) {
    for (const a of [-1, 1]) {
      for (const b of [-1, 1]) {
        parts.push(painted(new BoxGeometry(x ? 0.6 : 0.08, y ? 0.6 : 0.08, z ? 0.6 : 0.08), 0xd8cfc4, {
          at: [x ? 0 : a * 0.26, y ? 0 : (x ? a : b) * 0.26, z ? 0 : b * 0.26],
        }));
      }
    }
  }
  return merged(parts);
}

function ballGeometry(): BufferGeometry {
  return merged([
    painted(new SphereGeometry(0.32, 22, 16), 0xffffff),
    painted(new CylinderGeometry(0.326, 0.326, 0.1, 28, 1, true), 0xfff4e0),
    painted(new CylinderGeometry(0.326, 0.326, 0.1, 28, 1, true), 0xfff4e0, { turn: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] }),
  ]);
}

function pinGeometry(): BufferGeometry {
  return merged([
    painted(new ConeGeometry(0.035, 0.2, 8), 0xd9d4e3, { at: [0, 0.08, 0], turn: [1, 0, 0, 0] }),
    painted(new SphereGeometry(0.1, 12, 10), ACCENT, { at: [0, 0.24, 0] }),
  ]);
}
