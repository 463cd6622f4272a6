// The stage: renderer, camera, sky and light, by day or by night.
import {
  BackSide, BufferGeometry, Color, DirectionalLight, Float32BufferAttribute, Fog, HemisphereLight, Mesh, PerspectiveCamera, Points,
  PointsMaterial, Scene, ShaderMaterial, SphereGeometry, WebGLRenderer,
} from 'three';
import { DAY, NIGHT } from './palette.ts';
import { Plaza } from './plaza.ts';
import { seeded } from './paint.ts';
import { Sparks } from './sparks.ts';

const MAX_PIXEL_RATIO = 2;
const MIN_PIXEL_RATIO = 0.4;
// A frame that takes longer than this is too slow; twice a second the resolution follows.
const SLOW_FRAME_MS = 24;
const VERY_SLOW_FRAME_MS = 60;
const FAST_FRAME_MS = 14;
const JUDGED_MS = 500;
// Without a graphics card the processor draws: fewer pixels from the start, no smoothed edges, and not every picture.
const SOFTWARE_PIXEL_RATIO = 0.6;
const SOFTWARE_FRAME_MS = 45;

export class Stage {
  readonly scene = new Scene();
  readonly camera = new PerspectiveCamera(62, 1, 0.1, 260);
  readonly plaza = new Plaza();
  readonly sparks = new Sparks(this.scene);
  private readonly renderer: WebGLRenderer;
  private readonly sky: ShaderMaterial;
  private readonly stars: PointsMaterial;
  private readonly sun = new DirectionalLight();
  private readonly fill = new HemisphereLight();
  private readonly isSoftware = !hasGraphicsCard();
  private readonly maxPixelRatio = this.isSoftware ? SOFTWARE_PIXEL_RATIO : Math.min(window.devicePixelRatio, MAX_PIXEL_RATIO);
  private pixelRatio = this.maxPixelRatio;
  private sinceDrawn = 0;
  private frames = 0;
  private frameTime = 0;

  /** Throws when the browser has no WebGL to give. */
  constructor(private readonly canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: !this.isSoftware && window.devicePixelRatio < 2, powerPreference: 'high-performance' });
    this.sky = skyMaterial();
    const dome = new Mesh(new SphereGeometry(200, 24, 16), this.sky);
    this.stars = new PointsMaterial({ size: 1.7, sizeAttenuation: false, fog: false, transparent: true, opacity: 0 });
    this.sun.position.set(18, 30, 12);
    this.scene.fog = new Fog(0xffffff, 38, 130);
    this.scene.add(dome, new Points(starField(), this.stars), this.sun, this.fill, this.plaza.group);
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
  }

  setNight(isNight: boolean): void {
    const look = isNight ? NIGHT : DAY;
    (this.sky.uniforms['top']!.value as Color).set(look.top);
    (this.sky.uniforms['horizon']!.value as Color).set(look.horizon);
    (this.sky.uniforms['below']!.value as Color).set(look.below);
    (this.scene.fog as Fog).color.set(look.horizon);
    this.sun.color.set(look.sun);
    this.sun.intensity = look.sunStrength;
    this.fill.color.set(look.skyLight);
    this.fill.groundColor.set(look.groundLight);
    this.fill.intensity = look.fillStrength;
    this.stars.opacity = look.stars;
    this.plaza.setLamp(look.lamp, isNight);
  }

  render(frameMs: number): void {
    this.judge(frameMs);
    this.sparks.step(Math.min(frameMs, 100) / 1000);
    this.sinceDrawn += frameMs;
    if (this.isSoftware && this.sinceDrawn < SOFTWARE_FRAME_MS) {
      return;
    }
    this.sinceDrawn = 0;
    this.renderer.render(this.scene, this.camera);
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth > 0 && clientHeight > 0) {
      this.renderer.setPixelRatio(this.pixelRatio);
      this.renderer.setSize(clientWidth, clientHeight, false);
      this.camera.aspect = clientWidth / clientHeight;
      // A tall screen sees as much to the sides as it can without a fish's eye.
      this.camera.fov = this.camera.aspect < 1 ? 74 : 60;
      this.camera.updateProjectionMatrix();
    }
  }

  /** Smooth motion is worth more than sharp edges: slow machines draw fewer pixels. */
  private judge(frameMs: number): void {
    this.frameTime += frameMs;
    this.frames++;
    if (this.frameTime < JUDGED_MS) {
      return;
    }
    const mean = this.frameTime / this.frames;
    this.frames = this.frameTime = 0;
    const factor = mean > VERY_SLOW_FRAME_MS ? 0.65 : mean > SLOW_FRAME_MS ? 0.85 : mean < FAST_FRAME_MS ? 1.1 : 1;
    const ratio = Math.min(Math.max(this.pixelRatio * factor, MIN_PIXEL_RATIO), this.maxPixelRatio);
    if (Math.abs(ratio - this.pixelRatio) > 0.02) {
      this.pixelRatio = ratio;
      this.resize();
    }
  }
}

function hasGraphicsCard(): boolean {
  return document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true }) !== null;
}

function skyMaterial(): ShaderMaterial {
  return new ShaderMaterial({
    side: BackSide,
    depthWrite: false,
    fog: false,
    uniforms: { top: { value: new Color() }, horizon: { value: new Color() }, below: { value: new Color() } },
    vertexShader: `
      varying float height;
      void main() {
        height = normalize(position).y;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }`,
    fragmentShader: `
      uniform vec3 top; uniform vec3 horizon; uniform vec3 below;
      varying float height;
      void main() {
        vec3 colour = height > 0.0 ? mix(horizon, top, smoothstep(-0.08, 0.55, height)) : mix(horizon, below, smoothstep(0.0, -0.35, height));
        gl_FragColor = vec4(colour, 1.0);
        #include <colorspace_fragment>
      }`,
  });
}

function starField(): BufferGeometry {
  const random = seeded(3);
  const places: number[] = [];
  for (let i = 0; i < 420; i++) {
    const [angle, y] = [random() * Math.PI * 2, 0.06 + random() * 0.94];
    const flat = Math.sqrt(1 - y * y);
    places.push(Math.cos(angle) * flat * 190, y * 190, Math.sin(angle) * flat * 190);
  }
  return new BufferGeometry().setAttribute('position', new Float32BufferAttribute(places, 3));
}
