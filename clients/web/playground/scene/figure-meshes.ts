// Draws all people with five calls, however many they are: each part of the body is one instanced mesh.
import {
  BoxGeometry, type BufferGeometry, type Camera, CircleGeometry, Color, CylinderGeometry, Euler, Frustum, InstancedMesh, LatheGeometry, type Material, Matrix4,
  MeshBasicMaterial, MeshLambertMaterial, Quaternion, type Scene, Sphere, SphereGeometry, TorusGeometry, Vector2, Vector3,
} from 'three';
import type { Figure } from './figure.ts';
import { CREAM, INK } from './palette.ts';
import { merged, painted } from './paint.ts';

const FIRST_CAPACITY = 128;
const HEAD_HEIGHT = 1.33;
// A ball around a person, raised hand and all.
const [BOUNDS_HEIGHT, BOUNDS_RADIUS] = [0.9, 1.2];
const UP = new Vector3(0, 1, 0);
const ONE = new Vector3(1, 1, 1);
const HAND = new Color(CREAM);
const FOOT = new Color(0x4a4458);

export class FigureMeshes {
  private capacity = 0;
  private body!: InstancedMesh;
  private hood!: InstancedMesh;
  private face!: InstancedMesh;
  private limbs!: InstancedMesh;
  private shadow!: InstancedMesh;
  private readonly geometries = { body: bodyGeometry(), hood: hoodGeometry(), face: faceGeometry(), limb: limbGeometry(), shadow: shadowGeometry() };
  private readonly cloth = new MeshLambertMaterial({ vertexColors: true });
  private readonly dark = new MeshBasicMaterial({ color: 0x000000, transparent: true, opacity: 0.2, depthWrite: false });
  private readonly view = new Frustum();
  private readonly bounds = new Sphere(new Vector3(), BOUNDS_RADIUS);
  private readonly matrix = new Matrix4();
  private readonly turn = new Quaternion();
  private readonly place = new Vector3();
  private readonly offset = new Vector3();
  private readonly size = new Vector3();
  private readonly colour = new Color();
  private readonly angles = new Euler();

  constructor(private readonly scene: Scene) {
    this.grow(FIRST_CAPACITY);
  }

  /** Those that the camera does not see cost nothing. */
  draw(figures: Iterable<Figure>, camera: Camera): void {
    camera.updateMatrixWorld();
    this.view.setFromProjectionMatrix(this.matrix.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse));
    let count = 0;
    for (const figure of figures) {
      this.bounds.center.copy(figure.position).y += BOUNDS_HEIGHT;
      if (figure.visible && this.view.intersectsSphere(this.bounds)) {
        if (count === this.capacity) {
          this.grow(this.capacity * 2);
          return this.draw(figures, camera);
        }
        this.pose(figure, count++);
      }
    }
    for (const mesh of this.meshes) {
      mesh.count = mesh === this.limbs ? count * 4 : count;
      mesh.instanceMatrix.needsUpdate = true;
      if (mesh.instanceColor) {
        mesh.instanceColor.needsUpdate = true;
      }
    }
  }

  private get meshes(): InstancedMesh[] {
    return [this.body, this.hood, this.face, this.limbs, this.shadow];
  }

  private pose(figure: Figure, index: number): void {
    const { position, swing, stride, fiveLift } = figure;
    const bob = Math.abs(Math.sin(stride)) * 0.05 * swing;
    this.colour.set(figure.colour);
    this.turn.setFromAxisAngle(UP, figure.bodyYaw);
    this.set(this.body, index, this.place.set(position.x, position.y + bob, position.z), this.turn);
    this.body.setColorAt(index, this.colour);

    for (let limb = 0; limb < 4; limb++) {
      const side = limb % 2 ? 1 : -1;
      const reach = Math.sin(stride + (limb === 0 || limb === 3 ? 0 : Math.PI)) * swing;
      if (limb < 2) {
        const lift = side > 0 ? fiveLift : 0;
        this.offset.set(side * (0.38 - lift * 0.1), 0.72 + lift * 0.95 + bob + Math.abs(reach) * 0.06, -reach * 0.24 - lift * 0.22);
        this.size.setScalar(1);
      } else {
        this.offset.set(side * 0.13, 0.07 + Math.max(0, reach) * 0.1, -reach * 0.22);
        this.size.set(1.15, 0.8, 1.5);
      }
      this.offset.applyQuaternion(this.turn).add(position);
      this.set(this.limbs, index * 4 + limb, this.offset, this.turn, this.size);
      this.limbs.setColorAt(index * 4 + limb, limb < 2 ? HAND : FOOT);
    }

    this.place.set(position.x, position.y + HEAD_HEIGHT + bob * 1.3, position.z);
    this.set(this.hood, index, this.place, figure.look);
    this.hood.setColorAt(index, this.colour);
    this.set(this.face, index, this.place, figure.look);

    // Who jumps leaves the shadow on the ground.
    this.turn.setFromEuler(this.angles.set(-Math.PI / 2, 0, 0));
    this.size.setScalar(Math.max(0.3, 1 - position.y * 0.3));
    this.set(this.shadow, index, this.place.set(position.x, 0.035, position.z), this.turn, this.size);
  }

  private set(mesh: InstancedMesh, index: number, place: Vector3, turn: Quaternion, size = ONE): void {
    mesh.setMatrixAt(index, this.matrix.compose(place, turn, size));
  }

  private grow(capacity: number): void {
    if (this.capacity > 0) {
      for (const mesh of this.meshes) {
        this.scene.remove(mesh);
        mesh.dispose();
      }
    }
    this.capacity = capacity;
    const { geometries, cloth } = this;
    const make = (geometry: BufferGeometry, material: Material, count = capacity): InstancedMesh => {
      const mesh = new InstancedMesh(geometry, material, count);
      mesh.frustumCulled = false;
      this.scene.add(mesh);
      return mesh;
    };
    this.body = make(geometries.body, cloth);
    this.hood = make(geometries.hood, cloth);
    this.face = make(geometries.face, cloth);
    this.limbs = make(geometries.limb, cloth, capacity * 4);
    this.shadow = make(geometries.shadow, this.dark);
  }
}

function bodyGeometry(): BufferGeometry {
  const profile = [[0.02, 0.16], [0.24, 0.17], [0.29, 0.26], [0.28, 0.45], [0.2, 0.85], [0.13, 1.1], [0.02, 1.14]];
  return merged([
    painted(new LatheGeometry(profile.map(([x, y]) => new Vector2(x, y)), 14), 0xffffff),
    // Darker: a hem, a scarf with its end on the back, and buttons.
    painted(new CylinderGeometry(0.297, 0.285, 0.09, 14, 1, true), 0x9a94a8, { at: [0, 0.25, 0] }),
    painted(new TorusGeometry(0.15, 0.062, 6, 14), 0x8a8496, { at: [0, 1.06, 0], turn: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] }),
    painted(new BoxGeometry(0.11, 0.36, 0.04), 0x8a8496, { at: [0.07, 0.88, 0.22], turn: [-0.09, 0, 0.06, 0.994] }),
    painted(new SphereGeometry(0.032, 8, 6), 0x8a8496, { at: [0, 0.82, -0.2] }),
    painted(new SphereGeometry(0.032, 8, 6), 0x8a8496, { at: [0, 0.64, -0.245] }),
  ]);
}

function hoodGeometry(): BufferGeometry {
  return merged([
    painted(new SphereGeometry(0.3, 16, 11), 0xffffff, { at: [0, 0.03, 0.035] }),
    painted(new SphereGeometry(0.07, 8, 6), 0xffffff, { at: [0, 0.36, 0.1] }),
  ]);
}

function faceGeometry(): BufferGeometry {
  return merged([
    painted(new SphereGeometry(0.25, 16, 11), CREAM, { at: [0, 0.01, -0.075], scale: [1, 0.94, 0.98] }),
    ...[-1, 1].flatMap((side) => [
      painted(new SphereGeometry(0.038, 7, 6), INK, { at: [side * 0.088, 0.035, -0.305], scale: [1, 1.35, 0.6] }),
      painted(new SphereGeometry(0.012, 5, 4), 0xffffff, { at: [side * 0.088 + 0.012, 0.06, -0.327] }),
      painted(new SphereGeometry(0.036, 8, 6), 0xf6a192, { at: [side * 0.15, -0.045, -0.27], scale: [1, 0.6, 0.5] }),
    ]),
    painted(new SphereGeometry(0.03, 8, 6), 0xb5524a, { at: [0, -0.07, -0.308], scale: [1.2, 0.5, 0.4] }),
  ]);
}

function limbGeometry(): BufferGeometry {
  return painted(new SphereGeometry(0.095, 9, 7), 0xffffff);
}

function shadowGeometry(): BufferGeometry {
  return new CircleGeometry(0.36, 18);
}
