// A picture as a texture, no larger than it can be seen.
import { SRGBColorSpace, Texture } from 'three';

/** The longest side of a texture, in pixels. */
const LONGEST = 1024;
const PROBE = 48;
const OPAQUE = 250;

export class Picture {
  readonly texture: Texture;

  /** @param isTransparent whether one can see through some of it. */
  constructor(private readonly bitmap: ImageBitmap, readonly isTransparent: boolean) {
    this.texture = new Texture(bitmap);
    this.texture.colorSpace = SRGBColorSpace;
    this.texture.anisotropy = 4;
    // Bitmaps are not turned over on their way to the graphics card: the board that it is on has it upside down.
    this.texture.flipY = false;
    this.texture.needsUpdate = true;
  }

  get width(): number { return this.bitmap.width; }
  get height(): number { return this.bitmap.height; }

  dispose(): void {
    this.texture.dispose();
    this.bitmap.close();
  }
}

/** Rejects if it is no picture that the browser knows. */
export async function loadPicture(file: Blob): Promise<Picture> {
  const whole = await createImageBitmap(file, { premultiplyAlpha: 'none' });
  const factor = LONGEST / Math.max(whole.width, whole.height);
  if (factor >= 1) {
    return new Picture(whole, isTransparent(whole));
  }
  try {
    const bitmap = await createImageBitmap(whole, {
      premultiplyAlpha: 'none', resizeQuality: 'high',
      resizeWidth: Math.max(1, Math.round(whole.width * factor)), resizeHeight: Math.max(1, Math.round(whole.height * factor)),
    });
    return new Picture(bitmap, isTransparent(bitmap));
  } finally {
    whole.close();
  }
}

function isTransparent(bitmap: ImageBitmap): boolean {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = PROBE;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0, PROBE, PROBE);
  const { data } = context.getImageData(0, 0, PROBE, PROBE);
  for (let i = 3; i < data.length; i += 4) {
    if (data[i]! < OPAQUE) {
      return true;
    }
  }
  return false;
}
