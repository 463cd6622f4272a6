// A short burst of sparks.
import { BufferAttribute, BufferGeometry, Points, PointsMaterial, type Scene, Vector3 } from 'three';

const COUNT = 28;
const LIFE = 0.7;

export class Sparks {
  private readonly positions = new BufferAttribute(new Float32Array(COUNT * 3), 3);
  private readonly material = new PointsMaterial({ color: 0xffc857, size: 0.09, transparent: true, depthWrite: false });
  private readonly points = new Points(new BufferGeometry().setAttribute('position', this.positions), this.material);
  private readonly velocities = Array.from({ length: COUNT }, () => new Vector3());
  private left = 0;

  constructor(scene: Scene) {
    this.points.frustumCulled = false;
    this.points.visible = false;
    scene.add(this.points);
  }

  burst(at: Vector3): void {
    this.left = LIFE;
    this.points.visible = true;
    this.velocities.forEach((velocity, i) => {
      velocity.randomDirection().multiplyScalar(0.8 + Math.random() * 1.6);
      this.positions.setXYZ(i, at.x, at.y, at.z);
    });
  }

  step(dt: number): void {
    if (this.left <= 0) {
      return;
    }
    this.left -= dt;
    this.velocities.forEach((velocity, i) => {
      velocity.y -= 3 * dt;
      const { positions } = this;
      positions.setXYZ(i, positions.getX(i) + velocity.x * dt, positions.getY(i) + velocity.y * dt, positions.getZ(i) + velocity.z * dt);
    });
    this.positions.needsUpdate = true;
    this.material.opacity = Math.max(0, this.left / LIFE);
    this.points.visible = this.left > 0;
  }
}
