// Light, dark, or as the system is; the scene follows.
import { keepTheme, readTheme, type Theme } from '../play/settings.ts';
import { button } from './button.ts';
import { icon } from './icons.ts';

const ORDER: Theme[] = ['auto', 'light', 'dark'];
const TITLES: Record<Theme, string> = { auto: 'as the system', light: 'light', dark: 'dark' };

export class ThemeSwitch {
  readonly button: HTMLButtonElement;
  private readonly system = window.matchMedia('(prefers-color-scheme: dark)');
  private theme = readTheme();

  constructor(private readonly setNight: (isNight: boolean) => void) {
    this.button = button('Theme', () => this.next(), { shown: false, class: 'quiet' });
    this.system.addEventListener('change', () => this.apply());
    this.apply();
  }

  next(): void {
    this.theme = ORDER[(ORDER.indexOf(this.theme) + 1) % ORDER.length]!;
    keepTheme(this.theme);
    this.apply();
  }

  private apply(): void {
    const isNight = this.theme === 'dark' || (this.theme === 'auto' && this.system.matches);
    document.documentElement.dataset['theme'] = isNight ? 'dark' : 'light';
    this.button.replaceChildren(icon(isNight ? 'moon' : 'sun'));
    this.button.setAttribute('aria-label', `Theme: ${TITLES[this.theme]}`);
    this.button.title = `Theme: ${TITLES[this.theme]} (L)`;
    this.setNight(isNight);
  }
}
