// Files as people have them, made by hand.

import { randomBytes } from 'node:crypto';
import { PNG } from 'pngjs';

/**
 * A picture of four fields: red and green above, blue and yellow below, so that one sees which way it is shown.
 * @param {number} width
 * @param {number} height
 * @param {{ hole?: boolean }} [options] `hole`: its middle is transparent
 * @returns {Buffer} a PNG
 */
export function picture(width, height, { hole = false } = {}) {
  const png = new PNG({ width, height });
  const fields = [[220, 40, 40], [40, 180, 60], [40, 70, 220], [240, 210, 40]];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = fields[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)];
      const isHole = hole && Math.abs(x / width - 0.5) < 0.25 && Math.abs(y / height - 0.5) < 0.25;
      png.data.set([r, g, b, isHole ? 0 : 255], (y * width + x) * 4);
    }
  }
  return PNG.sync.write(png);
}

/**
 * A picture that cannot be compressed: a little more than three bytes for each pixel.
 * @returns {Buffer} a PNG
 */
export function noise(width, height) {
  const png = new PNG({ width, height });
  png.data = randomBytes(width * height * 4);
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  return PNG.sync.write(png, { colorType: 2 });
}

/**
 * A cube of 10 m with a picture on each side.
 * @returns {Buffer} a GLB
 */
export function cube() {
  const places = [], normals = [], corners = [], indices = [];
  for (const axis of [0, 1, 2]) {
    for (const side of [-1, 1]) {
      const at = (u, v) => { const place = [0, 0, 0]; place[axis] = side; place[(axis + 1) % 3] = u * side; place[(axis + 2) % 3] = v; return place; };
      const first = places.length / 3;
      for (const [u, v] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) {
        places.push(...at(u, v).map((metres) => metres * 5));
        normals.push(...at(0, 0));
        corners.push((u + 1) / 2, (1 - v) / 2);
      }
      indices.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
  }
  const skin = picture(64, 64);
  const parts = [Buffer.from(new Float32Array(places).buffer), Buffer.from(new Float32Array(normals).buffer), Buffer.from(new Float32Array(corners).buffer),
    Buffer.from(new Uint16Array(indices).buffer), skin];
  return glb({
    scene: 0, scenes: [{ nodes: [0] }], nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0, NORMAL: 1, TEXCOORD_0: 2 }, indices: 3, material: 0 }] }],
    materials: [{ pbrMetallicRoughness: { baseColorTexture: { index: 0 }, metallicFactor: 0, roughnessFactor: 1 } }],
    textures: [{ source: 0 }], images: [{ bufferView: 4, mimeType: 'image/png' }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 24, type: 'VEC3', min: [-5, -5, -5], max: [5, 5, 5] }, { bufferView: 1, componentType: 5126, count: 24, type: 'VEC3' },
      { bufferView: 2, componentType: 5126, count: 24, type: 'VEC2' }, { bufferView: 3, componentType: 5123, count: 36, type: 'SCALAR' },
    ],
  }, parts);
}

/**
 * A model of so many triangles, all of them at one point: accessors without a buffer view are zeros.
 * @param {number} triangles
 * @returns {Buffer} a GLB
 */
export function swarm(triangles) {
  const copies = Math.ceil(triangles / 1000);
  return glb({
    scene: 0, scenes: [{ nodes: Array.from({ length: copies }, (_, i) => i) }], nodes: Array.from({ length: copies }, () => ({ mesh: 0 })),
    meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
    accessors: [{ componentType: 5126, count: 3000, type: 'VEC3', min: [0, 0, 0], max: [0, 0, 0] }],
  }, [Buffer.alloc(4)]);
}

/** The two chunks of a GLB, each padded to four bytes, behind its head. */
function glb(json, parts) {
  const padded = parts.map((part) => Buffer.concat([part, Buffer.alloc((4 - part.length % 4) % 4)]));
  let at = 0;
  const bufferViews = padded.map((part, i) => ({ buffer: 0, byteOffset: (at += part.length) - part.length, byteLength: parts[i].length }));
  const text = JSON.stringify({ asset: { version: '2.0' }, ...json, bufferViews, buffers: [{ byteLength: at }] });
  const chunk = (type, bytes) => Buffer.concat([words(bytes.length, type), bytes]);
  const body = Buffer.concat([chunk(0x4e4f534a, Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4))), chunk(0x004e4942, Buffer.concat(padded))]);
  return Buffer.concat([words(0x46546c67, 2, body.length + 12), body]);
}

const words = (...values) => Buffer.from(new Uint32Array(values).buffer);
