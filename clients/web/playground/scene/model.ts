// A glTF model: read, judged by what it would cost to show, and scaled. Comes with three's loader, in a chunk of its own.
import { Box3, Group, type InstancedMesh, LoadingManager, type Material, type Mesh, type MeshStandardMaterial, type Object3D, type SkinnedMesh, type Texture, Vector3 } from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { clone } from 'three/addons/utils/SkeletonUtils.js';
import { type Exhibit, LONGEST_SIDE } from './board.ts';
import type { Size } from './thing.ts';
import { Unshown } from './unshown.ts';

const MOST_TRIANGLES = 500_000;
const MOST_PARTS = 500;
/** What is made before it can be counted: numbers in accessors, and nodes. */
const MOST_ELEMENTS = 8_000_000;
const MOST_NODES = 20_000;
const MOST_PIXELS = 32 * 1024 * 1024;
const MAGIC = 0x46546c67;
// Nothing here is mirrored in metal, so that it would be nearly black.
const MOST_METALNESS = 0.4;

/** The parts of a glTF that are looked at before it is read. */
interface Outline { nodes?: unknown[]; accessors?: { count?: number }[]; extensionsRequired?: string[] }

export class Model {
  /** @param middle of what there is, in its own measures. */
  constructor(private readonly scene: Object3D, private readonly middle: Vector3, private readonly factor: number, readonly size: Size, readonly triangles: number) {}

  /** One that can be put somewhere; what it is made of stays the model's. */
  show(): Exhibit {
    const copy = clone(this.scene);
    copy.position.sub(this.middle).multiplyScalar(this.factor);
    copy.scale.multiplyScalar(this.factor);
    return { object: new Group().add(copy), size: this.size, dispose: () => forget(copy) };
  }

  dispose(): void {
    discard(this.scene);
  }
}

/** Reads a GLB, or a glTF that has all its parts in it. Throws what is to be said of one that is not shown. */
export async function loadModel(bytes: ArrayBuffer): Promise<Model> {
  const { nodes = [], accessors = [], extensionsRequired = [] } = outline(bytes);
  if (nodes.length > MOST_NODES || accessors.reduce((sum, { count }) => sum + (Number(count) || 0), 0) > MOST_ELEMENTS) {
    throw new Unshown('It has too many parts to be shown here.');
  }
  const packed = extensionsRequired.find((name) => /draco|meshopt|basisu/i.test(name));
  if (packed) {
    throw new Unshown(`It is packed in a way that the playground does not read: ${packed}.`);
  }
  const manager = new LoadingManager();
  // All of it is in the file. Nothing is fetched on behalf of a stranger's model.
  manager.setURLModifier((url) => (/^(blob|data):/.test(url) ? url : 'data:,'));
  const { scene } = await new GLTFLoader(manager).parseAsync(bytes, '');
  try {
    return judged(scene);
  } catch (error) {
    discard(scene);
    throw error;
  }
}

function judged(scene: Group): Model {
  let [triangles, parts, pixels] = [0, 0, 0];
  const seen = new Set<Texture>();
  const unwanted: Object3D[] = [];
  scene.traverse((part) => {
    if (isDrawn(part)) {
      const { index, attributes } = part.geometry;
      triangles += Math.ceil((index ?? attributes['position'])!.count / 3) * ((part as InstancedMesh).isInstancedMesh ? (part as InstancedMesh).count : 1);
      parts++;
      eachTexture(part, (texture) => {
        const { width = 0, height = 0 } = (texture.image ?? {}) as { width?: number; height?: number };
        pixels += seen.has(texture) ? 0 : width * height;
        seen.add(texture);
      });
      for (const material of materials(part)) {
        if ('metalness' in material) {
          (material as MeshStandardMaterial).metalness = Math.min((material as MeshStandardMaterial).metalness, MOST_METALNESS);
        }
      }
    } else if ('isLight' in part || 'isCamera' in part) {
      unwanted.push(part);
    }
  });
  if (triangles > MOST_TRIANGLES) {
    throw new Unshown(`It has ${triangles.toLocaleString('en')} triangles: ${MOST_TRIANGLES.toLocaleString('en')} are the most that are shown here.`);
  }
  if (parts > MOST_PARTS || pixels > MOST_PIXELS) {
    throw new Unshown('It has too many parts, or too large pictures on it, to be shown here.');
  }
  // The room has its own light.
  for (const part of unwanted) {
    part.removeFromParent();
  }
  const box = new Box3().setFromObject(scene);
  const size = box.getSize(new Vector3());
  const longest = Math.max(size.x, size.y, size.z);
  if (box.isEmpty() || !Number.isFinite(longest) || longest <= 0) {
    throw new Unshown('There is nothing in it to be shown.');
  }
  const factor = LONGEST_SIDE / longest;
  // What is flat is still something that one can take.
  const shown = size.toArray().map((metres) => Math.max(metres * factor, 0.02)) as [number, number, number];
  return new Model(scene, box.getCenter(new Vector3()), factor, shown, triangles);
}

function outline(bytes: ArrayBuffer): Outline {
  const view = new DataView(bytes);
  const isBinary = bytes.byteLength >= 20 && view.getUint32(0, true) === MAGIC;
  const text = isBinary ? new Uint8Array(bytes, 20, view.getUint32(12, true)) : new Uint8Array(bytes);
  return JSON.parse(new TextDecoder().decode(text)) as Outline;
}

/** A mesh, or lines or points. */
function isDrawn(part: Object3D): part is Mesh {
  return 'geometry' in part;
}

function materials({ material }: Mesh): Material[] {
  return Array.isArray(material) ? material : [material];
}

function eachTexture(part: Mesh, each: (texture: Texture) => void): void {
  for (const material of materials(part)) {
    for (const value of Object.values(material)) {
      if ((value as Texture | null)?.isTexture) {
        each(value as Texture);
      }
    }
  }
}

/** What a copy has of its own on the graphics card. */
function forget(copy: Object3D): void {
  copy.traverse((part) => {
    (part as Partial<SkinnedMesh>).skeleton?.dispose();
    (part as Partial<InstancedMesh>).dispose?.();
  });
}

function discard(scene: Object3D): void {
  scene.traverse((part) => {
    if (isDrawn(part)) {
      eachTexture(part, (texture) => {
        texture.dispose();
        (texture.image as Partial<ImageBitmap> | undefined)?.close?.();
      });
      for (const material of materials(part)) {
        material.dispose();
      }
      part.geometry.dispose();
    }
  });
}
