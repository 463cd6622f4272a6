// Everything around the scene, in its place.
import type { AuthSession, Room } from '@relay/client';
import type { Measures } from '@relay/client/wire';
import type { PerspectiveCamera } from 'three';
import type { Joystick } from '../input/joystick.ts';
import type { Keyboard } from '../input/keyboard.ts';
import type { BadNetwork } from '../net/bad-network.ts';
import type { FrameLog } from '../net/frame-log.ts';
import type { People } from '../play/people.ts';
import type { SignInSteps } from '../play/door.ts';
import { readName, roomName } from '../play/settings.ts';
import { colourOf, cssColour } from '../scene/palette.ts';
import { Actions, type Deeds } from './actions.ts';
import { Chat } from './chat.ts';
import { accountDialog, helpDialog, nameDialog } from './dialogs.ts';
import { el, say } from '../../shared/dom.ts';
import { button } from './button.ts';
import { FileDrop } from './drop.ts';
import { FiguresView } from './figures.ts';
import { icon } from './icons.ts';
import { Inspector } from './inspector.ts';
import { NetworkView } from './network.ts';
import { Panel, type PanelSpec } from './panel.ts';
import { SignInCard } from './sign-in.ts';
import { StatusView } from './status.ts';
import { Tags } from './tags.ts';
import { ThemeSwitch } from './theme.ts';
import { Toasts } from './toasts.ts';

export interface ShellParts {
  stick: Joystick;
  network: BadNetwork;
  log: FrameLog;
  measures: () => Measures | undefined;
  setNight: (isNight: boolean) => void;
  enter: () => void;
  /** One's account, if one is in by one. */
  account: () => AuthSession | undefined;
  signIn: SignInSteps;
  signOut: () => void;
  rename: (name: string) => void;
  startBots: (count: number) => void;
  stopBots: () => void;
  addFiles: (files: File[]) => void;
  deeds: Omit<Deeds, 'addFile'>;
}

export class Shell {
  readonly toasts = new Toasts();
  readonly status: StatusView;
  readonly actions: Actions;
  readonly signIn: SignInCard;
  readonly figures = new FiguresView();
  readonly network: NetworkView;
  private readonly chat: Chat;
  private readonly tags = new Tags();
  private readonly theme: ThemeSwitch;
  private readonly panels: Record<'chat' | 'figures' | 'frames' | 'network', Panel>;
  private readonly help = helpDialog();
  private readonly people = el('span', { class: 'people' }, '0');
  private readonly name: HTMLButtonElement;
  private readonly deeds: Deeds;

  constructor(private readonly canvas: HTMLCanvasElement, private readonly parts: ShellParts) {
    this.status = new StatusView(parts.enter);
    this.signIn = new SignInCard(parts.signIn, readName);
    const drop = new FileDrop(parts.addFiles, (sentence) => this.toasts.show(sentence));
    this.deeds = { ...parts.deeds, addFile: () => drop.choose() };
    this.actions = new Actions(this.deeds);
    this.chat = new Chat((member, text) => this.tags.say(member, text));
    this.network = new NetworkView(parts.network, parts.startBots, parts.stopBots);
    const inspector = new Inspector(parts.log, parts.measures);
    this.theme = new ThemeSwitch(parts.setNight);
    const siblings: Panel[] = [];
    const panel = (spec: PanelSpec): Panel => new Panel(spec, siblings);
    this.panels = {
      chat: panel({
        id: 'chat', title: 'Chat', icon: 'chat', key: ['Enter', 'Enter'], place: 'left', body: this.chat.body, toggled: (isOpen) => {
          // Not where a keyboard would come up and cover what was asked for.
          if (isOpen && window.matchMedia('(pointer: fine)').matches) {
            this.chat.focus();
          }
        },
      }),
      figures: panel({ id: 'figures', title: 'Figures', icon: 'chart', key: ['KeyG', 'G'], place: 'right', body: this.figures.body }),
      frames: panel({
        id: 'frames', title: 'Inspector', icon: 'frames', key: ['KeyI', 'I'], place: 'right', body: inspector.body, toggled: (isOpen) => inspector.setOpen(isOpen),
      }),
      network: panel({ id: 'network', title: 'Network', icon: 'network', key: ['KeyN', 'N'], place: 'right', body: this.network.body }),
    };
    const naming = nameDialog(readName, (name) => {
      parts.rename(name);
      this.showName();
    });
    const account = accountDialog(parts.account, parts.signOut);
    this.name = button('', () => (parts.account() ? account : naming).ask(), { class: 'name', hint: 'You' });
    const top = el('header', { class: 'top' },
      el('div', { class: 'brand' }, el('h1', {}, 'Relay'), el('span', { class: 'room' }, roomName()),
        el('span', { class: 'crowd', title: 'People in the room' }, icon('people'), this.people)),
      this.status.pill,
      el('div', { class: 'tools' }, this.name, this.theme.button,
        button('Help', () => this.help.showModal(), { icon: icon('help'), shown: false, class: 'quiet', hint: 'Help (?)' })));
    const dock = el('nav', { class: 'dock', 'aria-label': 'Panels' }, ...Object.values(this.panels).map(({ opener }) => opener));
    document.body.append(this.tags.element, el('div', { class: 'hud' }, top, dock,
      ...Object.values(this.panels).map(({ element }) => element), parts.stick.element, this.actions.element, this.status.notice, this.toasts.element, this.status.card, this.signIn.element, drop.hint, drop.input),
    this.help, naming.dialog, account.dialog);
    this.showName();
  }

  get areFiguresOpen(): boolean { return this.panels.figures.isOpen; }

  bindKeys(keys: Keyboard): void {
    const { deeds } = this;
    keys.onPress('Digit1', () => deeds.make('box'));
    keys.onPress('Digit2', () => deeds.make('ball'));
    keys.onPress('Digit3', () => deeds.make('gem'));
    keys.onPress('KeyU', () => deeds.addFile());
    keys.onPress('KeyE', () => deeds.use());
    keys.onPress('KeyF', () => deeds.throwIt());
    keys.onPress('KeyP', () => deeds.pin());
    keys.onPress('KeyX', () => deeds.remove());
    keys.onPress('KeyH', () => deeds.highFive());
    keys.onPress('Space', () => deeds.jump());
    keys.onPress('KeyL', () => this.theme.next());
    keys.onPress('?', () => this.help.showModal());
    keys.onPress('Enter', () => {
      this.panels.chat.open();
      this.chat.focus();
    });
    for (const panel of [this.panels.figures, this.panels.frames, this.panels.network]) {
      keys.onPress(panel.spec.key[0], () => panel.toggle());
    }
  }

  enterRoom(room: Room | undefined): void {
    this.chat.attach(room);
    this.name.style.setProperty('--person', room ? cssColour(colourOf(room.self)) : 'var(--muted)');
  }

  draw(people: People, self: number | undefined, camera: PerspectiveCamera): void {
    this.tags.draw(people, self, camera, this.canvas.clientWidth, this.canvas.clientHeight);
  }

  /** Once a second. */
  tick(people: number): void {
    say(this.people, String(people));
    this.status.tick();
  }

  /** One sentence to begin with. */
  welcome(): void {
    this.toasts.show(window.matchMedia('(pointer: coarse)').matches
      ? 'The stick walks, a finger on the scene looks around.' : 'W A S D walk, dragging looks around, ? shows the other keys.');
  }

  showName(): void {
    const account = this.parts.account();
    const name = account?.name ?? readName();
    say(this.name.querySelector('span')!, name);
    this.name.setAttribute('aria-label', account ? `Signed in as ${name}. Your account` : `Your name: ${name}. Change it`);
  }
}
