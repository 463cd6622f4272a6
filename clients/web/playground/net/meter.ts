// The live figures, once a second: what the client counts, and what a server in development mode tells of itself.
import type { RelayClient, Room } from '@relay/client';
import type { Reading } from '../ui/figures.ts';

const KB = 1000;

interface ServerReading { heldBytes: number; connections: number }
/** Times in microseconds. */
interface RoomReading { room: { tick: { p50: number; p99: number }; conflatedPerSecond: number }; process: { allocatedPerSecond: number } }

export class Meter {
  private room: Room | undefined;
  private offs: (() => void)[] = [];
  private skipped = 0;
  private version = 0;
  private frames = 0;
  private motionMs = 0;
  private before = { at: performance.now(), bytesIn: 0, bytesOut: 0, batches: 0 };
  /** False once the server has said that it tells nothing. */
  private doesServerTell = true;

  attach(room: Room | undefined): void {
    for (const off of this.offs.splice(0)) {
      off();
    }
    this.room = room;
    this.version = 0;
    if (room) {
      this.offs = [room.on('batch', ({ version }) => {
        this.skipped += this.version > 0 ? Math.max(0, version - this.version - 1) : 0;
        this.version = version;
      })];
    }
  }

  /** After each picture: what its motion took. */
  frame(motionMs: number): void {
    this.frames++;
    this.motionMs += motionMs;
  }

  async read(client: RelayClient | undefined): Promise<Reading> {
    const now = performance.now();
    const { before } = this;
    const seconds = (now - before.at) / 1000;
    const reading: Reading = { fps: this.frames / seconds };
    if (this.frames > 0) {
      reading['motionMs'] = this.motionMs / this.frames;
    }
    this.frames = this.motionMs = 0;
    if (client) {
      const { bytesIn, bytesOut, batches, reconnects } = client.stats;
      reading['bytesIn'] = Math.max(0, bytesIn - before.bytesIn) / seconds / KB;
      reading['bytesOut'] = Math.max(0, bytesOut - before.bytesOut) / seconds / KB;
      reading['batches'] = Math.max(0, batches - before.batches) / seconds;
      reading['reconnects'] = reconnects;
      reading['latency'] = client.clock.roundTripMs;
      this.before = { at: now, bytesIn, bytesOut, batches };
    }
    const { room } = this;
    if (room) {
      reading['members'] = room.members.size;
      reading['objects'] = room.objects.size;
      reading['skipped'] = this.skipped;
      reading['behind'] = room.motion.delayMs;
    }
    return { ...reading, ...await this.readServer(room?.name) };
  }

  private async readServer(room: string | undefined): Promise<Reading> {
    if (!this.doesServerTell) {
      return {};
    }
    const reading: Reading = {};
    try {
      const [whole, one] = await Promise.all([
        ask<ServerReading>('/diagnostics'), room === undefined ? undefined : ask<RoomReading>(`/diagnostics/room?name=${encodeURIComponent(room)}`)]);
      this.doesServerTell = whole !== undefined;
      if (whole) {
        reading['held'] = whole.heldBytes / KB;
        reading['connections'] = whole.connections;
      }
      if (one) {
        reading['tick'] = one.room.tick.p50;
        reading['tickWorst'] = one.room.tick.p99;
        reading['conflated'] = one.room.conflatedPerSecond;
        reading['allocated'] = one.process.allocatedPerSecond / KB;
      }
    } catch {
      // The server is not there now; the client says so.
    }
    return reading;
  }
}

async function ask<T>(path: string): Promise<T | undefined> {
  const response = await fetch(path);
  return response.ok ? await response.json() as T : undefined;
}
