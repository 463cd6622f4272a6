// The playground, put together. In the browser's console it is `playground`, for whoever wants to look behind it.
import { CloseCode, type Place, type Room } from '@relay/client';
import { Raycaster, Vector2, Vector3 } from 'three';
import { Joystick } from './input/joystick.ts';
import { Keyboard } from './input/keyboard.ts';
import { listenToPointer } from './input/pointer.ts';
import { Walker } from './input/walker.ts';
import { BadNetwork } from './net/bad-network.ts';
import { Bots } from './net/bots.ts';
import { FrameLog } from './net/frame-log.ts';
import { Meter } from './net/meter.ts';
import { Door } from './play/door.ts';
import { Hands } from './play/hands.ts';
import { People } from './play/people.ts';
import { Session, type Status } from './play/session.ts';
import { claimName, keepName, roomName } from './play/settings.ts';
import { Sharing } from './play/sharing.ts';
import { Exhibits } from './scene/exhibits.ts';
import { FigureMeshes } from './scene/figure-meshes.ts';
import { MediaLibrary } from './scene/media.ts';
import { Stage } from './scene/stage.ts';
import type { Thing } from './scene/thing.ts';
import { ThingMeshes } from './scene/thing-meshes.ts';
import { Shell } from './ui/shell.ts';

const HIGH_FIVE_REACH = 2.6;
const FIGURES_MS = 1000;
const LONGEST_STEP = 0.1;
const POINTED_WITHIN = 0.5;

export class App {
  private readonly stage: Stage;
  readonly keys = new Keyboard();
  private readonly stick = new Joystick();
  readonly walker: Walker;
  readonly people: People;
  readonly hands: Hands;
  private readonly figures: FigureMeshes;
  private readonly things: ThingMeshes;
  private readonly library = new MediaLibrary();
  private readonly exhibits: Exhibits;
  private readonly sharing: Sharing;
  readonly network = new BadNetwork();
  readonly log = new FrameLog();
  private readonly meter = new Meter();
  readonly session: Session;
  readonly door = new Door((session) => void this.signedIn(session !== undefined));
  private readonly shell: Shell;
  private readonly ray = new Raycaster();
  private readonly scratch = new Vector3();
  private readonly sentPosition: [number, number, number] = [0, 0, 0];
  private readonly sentLook: [number, number, number, number] = [0, 0, 0, 1];
  room: Room | undefined;
  private last = performance.now();
  private hasArrived = false;
  private isThere = false;
  private isAsking = false;
  private wasIn = false;

  /** Throws when the browser has no WebGL. */
  constructor(canvas: HTMLCanvasElement) {
    this.stage = new Stage(canvas);
    const { obstacles } = this.stage.plaza;
    this.walker = new Walker(this.keys, this.stick, obstacles);
    this.people = new People(this.walker);
    this.figures = new FigureMeshes(this.stage.scene);
    this.things = new ThingMeshes(this.stage.scene);
    this.exhibits = new Exhibits(this.stage.scene, this.library);
    const url = new URL('/relay', location.href);
    const bots = new Bots(url, roomName(), (counts) => this.shell.network.showBots(counts));
    this.shell = new Shell(canvas, {
      stick: this.stick, network: this.network, log: this.log,
      measures: () => this.room?.measures,
      setNight: (isNight) => this.stage.setNight(isNight),
      enter: () => void this.enter(),
      account: () => this.door.account,
      signIn: this.door,
      signOut: () => void this.signOut(),
      rename: (name) => {
        keepName(name);
        void this.session.enter();
      },
      startBots: (count) => bots.start(count),
      stopBots: () => bots.stop(),
      addFiles: (files) => this.addFiles(files),
      deeds: {
        make: (shape) => void this.hands.make(shape),
        use: () => void this.hands.use(),
        throwIt: () => this.hands.throwIt(),
        pin: () => void this.hands.pin(),
        remove: () => void this.hands.remove(),
        highFive: () => this.highFive(),
        jump: () => this.walker.jump(),
      },
    });
    this.hands = new Hands(this.walker, obstacles, { refused: (sentence) => this.shell.toasts.show(sentence) });
    this.sharing = new Sharing(this.door, this.hands, this.library, {
      say: (sentence) => this.shell.toasts.show(sentence),
      progress: (sentence, cancel) => this.shell.toasts.progress(sentence, cancel),
    });
    this.session = new Session({
      url, room: roomName(), credentials: this.door.credentials, createSocket: this.network.createSocket, onFrame: this.log.see,
    }, {
      status: (status) => this.showStatus(status),
      room: (room) => this.enterRoom(room),
      reconnected: (resumed) => this.shell.toasts.show(resumed ? 'Back again. You have missed nothing.' : 'Back again, as a newcomer: the server had given up the seat.'),
      refused: ({ title, advice }) => this.shell.toasts.show(`${title} ${advice}`),
    });
    listenToPointer(canvas, {
      look: (dx, dy) => this.walker.turn(dx, dy),
      zoom: (factor) => this.walker.zoom(factor),
      hover: (x, y) => { this.hands.pointed = this.thingAt(x, y); },
      tap: (x, y) => this.tap(x, y),
    });
    this.shell.bindKeys(this.keys);
  }

  start(): void {
    void claimName().then(() => this.shell.showName()).then(() => this.enter());
    requestAnimationFrame((now) => this.frame(now));
    setInterval(() => void this.showFigures(), FIGURES_MS);
  }

  /** Goes in, if one may as one is; else asks who one is. */
  private async enter(): Promise<void> {
    try {
      const asked = await this.door.look();
      if (!asked) {
        await this.goIn();
        return;
      }
      this.isAsking = true;
      this.shell.signIn.show(asked.ways, asked.problem);
      this.shell.status.show({ kind: 'outside' });
    } catch {
      this.shell.status.show({ kind: 'ended', title: 'The server does not answer.', advice: 'Try again in a moment.', code: CloseCode.Abnormal, codeName: 'abnormal' });
    }
  }

  private async goIn(): Promise<void> {
    this.isAsking = false;
    this.shell.signIn.hide();
    this.shell.showName();
    if (this.door.account) {
      this.shell.network.hideBots();
    }
    await this.session.enter();
  }

  private async signedIn(isSignedIn: boolean): Promise<void> {
    if (!isSignedIn && !this.isAsking) {
      await this.session.leave();
      await this.enter();
    } else if (isSignedIn && this.isAsking) {
      await this.goIn();
    }
  }

  /** Leaves before it signs out: the server ends the connections of whoever has, and a client that loses its own asks to come back. */
  private async signOut(): Promise<void> {
    await this.session.leave();
    this.shell.status.show({ kind: 'outside' });
    await this.door.signOut().catch(() => this.shell.toasts.show('The server does not answer: signed out on this device only.'));
  }

  private showStatus(status: Status): void {
    this.shell.status.show(status);
    if (status.kind === 'open') {
      this.wasIn = true;
    } else if (status.kind === 'ended' && status.code === CloseCode.Unauthorized && this.door.asksWho && this.wasIn) {
      // The session has ended, by an operator for instance: going in again finds out who one is now.
      this.wasIn = false;
      void this.enter();
    }
  }

  private enterRoom(room: Room | undefined): void {
    this.room = room;
    this.isThere = false;
    this.people.attach(room);
    this.hands.attach(room);
    this.meter.attach(room);
    this.shell.enterRoom(room);
    if (room) {
      if (!this.hasArrived) {
        this.walker.arrive();
        this.shell.welcome();
      }
      room.on('highFive', ({ sender }) => this.getHighFive(sender));
      void room.firstPlace.then((place) => this.standIn(room, place));
    }
  }

  /** Where one was when one left, if the server knows; else where one stands. Coming back, one has walked on meanwhile. */
  private standIn(room: Room, place: Place | undefined): void {
    if (this.room !== room) {
      return;
    }
    if (place && !this.hasArrived) {
      this.walker.arriveAt({ position: Array.from(place.position), rotation: Array.from(place.rotation ?? []) });
    }
    this.hasArrived = true;
    this.isThere = true;
    room.move(this.walker.position.toArray(), this.walker.look.toArray(), { teleport: true });
  }

  private frame(now: number): void {
    requestAnimationFrame((next) => this.frame(next));
    const frameMs = now - this.last;
    const dt = Math.min(Math.max(frameMs, 0) / 1000, LONGEST_STEP);
    this.last = now;
    this.walker.step(dt);
    if (this.isThere) {
      this.room?.move(this.walker.position.toArray(this.sentPosition), this.walker.look.toArray(this.sentLook));
    }

    const start = performance.now();
    this.room?.motion.update();
    this.people.step(dt);
    this.hands.step(dt);
    this.walker.placeCamera(this.stage.camera, dt);
    this.figures.draw(this.people.all, this.stage.camera);
    this.things.draw(this.hands.toys.all);
    this.exhibits.draw(this.hands.toys.all);
    this.meter.frame(performance.now() - start);

    this.stage.render(frameMs);
    this.shell.draw(this.people, this.room?.self, this.stage.camera);
    this.shell.actions.show({
      isIn: this.room !== undefined,
      isCarrying: this.hands.carried !== undefined,
      hasThing: this.hands.aimed !== undefined,
      isPinned: this.hands.aimed?.isPinned ?? false,
      hasNeighbour: this.people.nearest(this.walker.position, HIGH_FIVE_REACH) !== undefined,
    });
  }

  private async showFigures(): Promise<void> {
    this.shell.tick(this.people.members.size);
    if (!this.shell.areFiguresOpen) {
      return;
    }
    this.shell.figures.show(await this.meter.read(this.session.client));
  }

  private tap(x: number, y: number): void {
    const thing = this.thingAt(x, y);
    if (this.hands.carried) {
      void this.hands.use();
    } else if (thing && this.hands.reaches(thing)) {
      void this.hands.use(thing);
    } else if (thing) {
      this.shell.toasts.show('Too far away: walk nearer.');
    }
  }

  /** The nearest thing along the ray through a point of the canvas. */
  private thingAt(x: number, y: number): Thing | undefined {
    this.ray.setFromCamera(new Vector2(x, y), this.stage.camera);
    let [best, distance] = [undefined as Thing | undefined, Infinity];
    for (const thing of this.hands.toys.all) {
      const away = thing.position.distanceTo(this.stage.camera.position);
      if (thing.visible && away < distance && this.ray.ray.distanceToPoint(thing.position) < Math.max(POINTED_WITHIN, thing.grasp, away * 0.03)) {
        best = thing;
        distance = away;
      }
    }
    return best;
  }

  private addFiles(files: File[]): void {
    if (this.room) {
      void this.sharing.add(files);
    } else {
      this.shell.toasts.show('Come in first: files are added to the room that one is in.');
    }
  }

  private highFive(): void {
    const { room } = this;
    const neighbour = this.people.nearest(this.walker.position, HIGH_FIVE_REACH);
    if (!room || !neighbour) {
      this.shell.toasts.show('Stand beside somebody for a high five.');
      return;
    }
    room.highFive(neighbour.id);
    this.clap(neighbour.id);
  }

  private getHighFive(sender: number): void {
    this.clap(sender);
    this.shell.toasts.show(`${this.room?.members.get(sender)?.name ?? 'Somebody'} gave you a high five.`);
  }

  /** Both lift a hand, and there is a spark between them. */
  private clap(other: number): void {
    const [mine, theirs] = [this.people.figureOf(this.room?.self ?? 0), this.people.figureOf(other)];
    mine?.highFive();
    theirs?.highFive();
    if (theirs) {
      this.stage.sparks.burst(this.scratch.addVectors(this.walker.position, theirs.position).multiplyScalar(0.5).setY(1.75));
    }
  }
}
