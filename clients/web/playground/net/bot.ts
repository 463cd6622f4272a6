// One walking connection, on the bare wire: it reads what it must (Joined, Ping, Close) and skips the rest unread.
import { decode, eachFrame, encode, FrameType, Measures, packRotation, type Messages } from '@relay/client/wire';

const SPEED = 1.4;
const [INNER, OUTER] = [4, 15];
const LONGEST_BODY = 0xffffff;
const NORMAL = 1000;

export class Bot {
  isIn = false;
  private readonly socket: WebSocket;
  private readonly entry = { slot: 0, generation: 0, extended: 0, age: 0, x: 0, y: 0, z: 0, rotation: 0 };
  private measures: Measures | undefined;
  private x: number;
  private z: number;
  private yaw = Math.random() * Math.PI * 2;
  private turn = 0;

  /** `changed` is told of each arrival and end, with the reason of a refusal. */
  constructor(url: string, room: string, name: string, private readonly changed: (refusal?: string) => void) {
    const [angle, radius] = [Math.random() * Math.PI * 2, INNER + Math.random() * (OUTER - INNER)];
    this.x = Math.cos(angle) * radius;
    this.z = Math.sin(angle) * radius;
    this.socket = new WebSocket(url, 'relay.posbus.v1');
    this.socket.binaryType = 'arraybuffer';
    this.socket.onopen = () => {
      this.send('Hello', {
        versionOldest: 1, versionNewest: 1, capabilities: 0, credentials: new TextEncoder().encode(name), resumeToken: new Uint8Array(),
        lastSequence: 0, agent: 'relay playground bot',
      });
      this.send('Join', { sequence: 1, room, ticket: new Uint8Array(), flags: 0 });
    };
    this.socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const bytes = new Uint8Array(data);
      eachFrame(bytes, LONGEST_BODY, (type, start, end) => this.read(type, bytes, start, end));
    };
    this.socket.onclose = () => {
      this.isIn = false;
      this.changed();
    };
  }

  /** Walks on for `dt` seconds and says where it is. */
  step(dt: number): void {
    const { measures, entry } = this;
    if (measures && this.socket.readyState === WebSocket.OPEN) {
      this.wander(dt);
      entry.x = measures.quantise(this.x, 0);
      entry.y = measures.quantise(0, 1);
      entry.z = measures.quantise(this.z, 2);
      entry.rotation = packRotation([0, Math.sin(this.yaw / 2), 0, Math.cos(this.yaw / 2)]);
      this.send('TransformUpdate', { entries: [entry] });
    }
  }

  /** Resolves when the connection has ended. */
  leave(): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.readyState === WebSocket.CLOSED) {
        resolve();
      } else {
        this.socket.addEventListener('close', () => resolve());
        this.socket.close(NORMAL);
      }
    });
  }

  /** A heading that drifts, and bends back where it leads off the plaza or into the fountain. */
  private wander(dt: number): void {
    const radius = Math.hypot(this.x, this.z);
    this.turn += ((Math.random() - 0.5) * 6 - this.turn) * dt;
    const inward = Math.atan2(this.x, this.z);
    const aim = radius > OUTER ? inward : radius < INNER ? inward + Math.PI : undefined;
    this.yaw += (this.turn + (aim === undefined ? 0 : Math.sin(aim - this.yaw) * 2.4)) * dt;
    this.x -= Math.sin(this.yaw) * SPEED * dt;
    this.z -= Math.cos(this.yaw) * SPEED * dt;
  }

  private read(type: number, bytes: Uint8Array, start: number, end: number): void {
    switch (type) {
      case FrameType.Joined: {
        const joined = decode('Joined', bytes, start, end);
        this.measures = new Measures(joined);
        this.entry.slot = joined.slot;
        this.entry.generation = joined.generation;
        this.isIn = true;
        this.changed();
        break;
      }
      case FrameType.Ping:
        this.send('Pong', { stamp: decode('Ping', bytes, start, end).stamp, received: 0n, sent: 0n });
        break;
      case FrameType.Close:
        this.changed(decode('Close', bytes, start, end).text);
        break;
      case FrameType.Error: {
        const { refusedType, text } = decode('Error', bytes, start, end);
        if (refusedType === FrameType.Join) {
          this.socket.close();
          this.changed(text);
        }
        break;
      }
    }
  }

  private send<K extends keyof Messages>(name: K, message: Messages[K]): void {
    this.socket.send(new Uint8Array(encode(name, message, this.measures)));
  }
}
