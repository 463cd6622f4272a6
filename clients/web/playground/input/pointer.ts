// Mouse and fingers on the scene: drag to look, tap to take, wheel or two fingers to come nearer.
const TAP_PIXELS = 8;
const TAP_MS = 350;

export interface PointerActions {
  /** Pixels since the last call. */
  look(dx: number, dy: number): void;
  /** In units of the canvas: −1 to 1, up is positive. */
  tap(x: number, y: number): void;
  hover(x: number, y: number): void;
  /** Above 1: farther. */
  zoom(factor: number): void;
}

export function listenToPointer(canvas: HTMLElement, actions: PointerActions): void {
  const fingers = new Map<number, { x: number; y: number; startX: number; startY: number; since: number }>();
  const inUnits = (event: PointerEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2];
  };
  const spread = (): number => {
    const [a, b] = [...fingers.values()];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    const { clientX: x, clientY: y } = event;
    fingers.set(event.pointerId, { x, y, startX: x, startY: y, since: event.timeStamp });
  });
  canvas.addEventListener('pointermove', (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) {
      actions.hover(...inUnits(event));
      return;
    }
    const before = spread();
    const [dx, dy] = [event.clientX - finger.x, event.clientY - finger.y];
    finger.x = event.clientX;
    finger.y = event.clientY;
    if (fingers.size === 1) {
      actions.look(dx, dy);
    } else if (before > 0 && spread() > 0) {
      actions.zoom(before / spread());
    }
  });
  const end = (event: PointerEvent, canTap: boolean): void => {
    const finger = fingers.get(event.pointerId);
    fingers.delete(event.pointerId);
    if (canTap && finger && event.timeStamp - finger.since < TAP_MS
      && Math.hypot(event.clientX - finger.startX, event.clientY - finger.startY) < TAP_PIXELS) {
      actions.tap(...inUnits(event));
    }
  };
  canvas.addEventListener('pointerup', (event) => end(event, true));
  canvas.addEventListener('pointercancel', (event) => end(event, false));
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    actions.zoom(Math.exp(event.deltaY * 0.0012));
  }, { passive: false });
}
