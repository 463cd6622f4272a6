// The switch for a bad network, and the bots.
import type { BadNetwork, NetworkConditions } from '../net/bad-network.ts';
import type { BotCounts } from '../net/bots.ts';
import { el, say } from '../../shared/dom.ts';
import { button } from './button.ts';

const BOTS = 100;
const CUT_MS = 5000;
const FREEZE_MS = 2000;

const SLIDERS: { key: keyof NetworkConditions; label: string; unit: string; max: number; step: number }[] = [
  { key: 'delayMs', label: 'Delay, each way', unit: 'ms', max: 500, step: 10 },
  { key: 'jitterMs', label: 'Jitter', unit: 'ms', max: 300, step: 10 },
  { key: 'lossPercent', label: 'Loss', unit: '%', max: 20, step: 1 },
];

const PRESETS: [string, NetworkConditions][] = [
  ['Café', { delayMs: 30, jitterMs: 40, lossPercent: 1 }],
  ['Train', { delayMs: 90, jitterMs: 150, lossPercent: 5 }],
  ['Satellite', { delayMs: 300, jitterMs: 40, lossPercent: 2 }],
];

export class NetworkView {
  readonly body: HTMLElement;
  private readonly toggle: HTMLButtonElement;
  private readonly sliders = new Map<keyof NetworkConditions, { input: HTMLInputElement; shown: HTMLElement; unit: string }>();
  private readonly crowd: HTMLElement;
  private readonly bots: HTMLButtonElement;
  private readonly botText = el('p', { class: 'hint', role: 'status' }, `${BOTS} more connections from this browser, each walking around at 20 Hz.`);
  private readonly botBar = el('progress', { max: String(BOTS), value: '0', 'aria-label': 'Bots connected' });
  private areBotsWanted = false;

  constructor(private readonly network: BadNetwork, startBots: (count: number) => void, stopBots: () => void) {
    this.toggle = el('button', { type: 'button', role: 'switch', 'aria-checked': 'false', class: 'switch', click: () => this.set(!network.isOn) },
      el('span', {}, 'Bad network'), el('span', { class: 'switch-track', 'aria-hidden': 'true' }));
    this.bots = button(`${BOTS} bots`, () => (this.areBotsWanted ? stopBots() : startBots(BOTS)), { class: 'strong' });
    this.crowd = el('section', { class: 'crowd-of-bots' }, el('h3', {}, 'Crowd'), el('div', { class: 'row' }, this.bots, this.botBar), this.botText);
    this.body = el('div', { class: 'network' },
      this.toggle,
      el('p', { class: 'hint' }, 'Both ways, between this page and the server. As with TCP nothing is lost or reordered: it is late.'),
      el('div', { class: 'sliders' }, ...SLIDERS.map((spec) => this.slider(spec))),
      el('div', { class: 'row' }, ...PRESETS.map(([name, conditions]) => button(name, () => this.take(conditions)))),
      el('h3', {}, 'Break it'),
      el('div', { class: 'row' },
        button('Cut for 5 s', () => network.cut(CUT_MS), { hint: 'The line breaks; the client comes back into the same session' }),
        button('Freeze for 2 s', () => network.freeze(FREEZE_MS), { hint: 'Nothing comes through; then all of it does' })),
      this.crowd);
    this.take({ delayMs: 60, jitterMs: 80, lossPercent: 2 });
    this.set(false);
  }

  showBots({ wanted, connected, refused }: BotCounts): void {
    this.areBotsWanted = wanted > 0;
    say(this.bots.querySelector('span')!, this.areBotsWanted ? 'Stop bots' : `${BOTS} bots`);
    this.botBar.value = connected;
    say(this.botText, refused ? `Refused: ${refused}` : wanted > 0 ? `${connected} of ${wanted} connections from this browser.`
      : `${BOTS} more connections from this browser, each walking around at 20 Hz.`);
  }

  /** Bots come in under names of their own: where that takes accounts there are none. */
  hideBots(): void {
    this.crowd.hidden = true;
  }

  private set(isOn: boolean): void {
    this.network.isOn = isOn;
    this.toggle.setAttribute('aria-checked', String(isOn));
  }

  private take(conditions: NetworkConditions): void {
    for (const { key } of SLIDERS) {
      this.sliders.get(key)!.input.value = String(conditions[key]);
      this.change(key);
    }
    this.set(true);
  }

  private slider({ key, label, unit, max, step }: (typeof SLIDERS)[number]): HTMLElement {
    const input = el('input', { type: 'range', min: '0', max: String(max), step: String(step), 'aria-label': label, input: () => this.change(key) });
    const shown = el('output', {});
    this.sliders.set(key, { input, shown, unit });
    return el('label', {}, el('span', {}, label), shown, input);
  }

  private change(key: keyof NetworkConditions): void {
    const { input, shown, unit } = this.sliders.get(key)!;
    this.network.conditions[key] = input.valueAsNumber;
    say(shown, `${input.value} ${unit}`);
  }
}
