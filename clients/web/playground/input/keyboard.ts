// Which keys are held, while no text is being written.
export class Keyboard {
  private readonly held = new Set<string>();
  private readonly presses = new Map<string, () => void>();

  constructor() {
    window.addEventListener('keydown', (event) => this.onDown(event));
    window.addEventListener('keyup', (event) => this.held.delete(event.code));
    window.addEventListener('blur', () => this.held.clear());
  }

  isHeld(...codes: string[]): boolean {
    return codes.some((code) => this.held.has(code));
  }

  /** `key` as KeyboardEvent.code tells it, or as KeyboardEvent.key for what lies elsewhere on other keyboards ('?'). */
  onPress(key: string, action: () => void): void {
    this.presses.set(key, action);
  }

  private onDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || usesItself(event)) {
      return;
    }
    this.held.add(event.code);
    const action = this.presses.get(event.code) ?? this.presses.get(event.key);
    if (action && !event.repeat) {
      event.preventDefault();
      action();
    } else if (event.code === 'Space' || event.code.startsWith('Arrow')) {
      event.preventDefault();
    }
  }
}

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    || (target instanceof HTMLElement && target.closest('dialog') !== null);
}

/** Buttons are pressed with Space and Enter, and the arrows belong to lists and tabs that have the focus. */
function usesItself({ target, code }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) {
    return false;
  }
  const isButton = target.closest('button, a, summary') !== null && (code === 'Space' || code === 'Enter');
  return isButton || (code.startsWith('Arrow') && target.closest('[role=tablist], [data-arrows]') !== null);
}
