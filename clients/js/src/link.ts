import type { SocketLike } from './options.js';
import { closeInfo, type CloseInfo } from './reasons.js';
import { CloseCode } from './wire/layouts.js';
import { Malformed } from './wire/malformed.js';
import { decode, encode } from './wire/codec.js';
import { eachFrame } from './wire/frames.js';
import { FrameType } from './wire/layouts.js';

/** The subprotocol of a relay over WebSocket, protocol-spec.md §2.2. */
export const subprotocol = 'relay.posbus.v1';

/** What a link tells of. */
export interface LinkEvents {
  opened(): void;
  /** A frame but Close: its type, and where its body lies. */
  frame(type: number, bytes: Uint8Array, start: number, end: number): void;
  /** It is over; nothing follows. */
  ended(why: CloseInfo): void;
}

/** Counts what passes. */
export interface Traffic {
  bytesIn: number;
  bytesOut: number;
  framesIn: number;
  framesOut: number;
}

/** One connection: frames over one socket, until the first reason to end it. */
export class Link {
  /** The longest body that the server sends; 65,536 until Welcome says. */
  maxBody = 65536;
  /** Whether frames may be sent. */
  isOpen = false;
  /** When something last arrived, ms of the local clock. */
  heardAt: number;

  /** Whether the peer has said why it ends. */
  wasToldWhy = false;

  private why: CloseInfo | undefined;
  private isOver = false;

  constructor(
    private readonly socket: SocketLike,
    private readonly events: LinkEvents,
    private readonly traffic: Traffic,
    private readonly now: () => number,
    private readonly observe: ((direction: 'in' | 'out', frame: Uint8Array) => void) | undefined) {
    this.heardAt = now();
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (this.isOver) return;
      this.isOpen = true;
      events.opened();
    };
    socket.onmessage = ({ data }) => this.receive(data);
    // An error says nothing; the close event that follows it does.
    socket.onerror = () => {};
    socket.onclose = ({ code, reason }) => {
      // 1005: the peer gave no code. It broke as much as 1006.
      this.finish(this.why ?? closeInfo(code === 1005 ? CloseCode.Abnormal : code, 0, 0, 0, reason));
    };
  }

  /** Bytes that the socket has taken and not sent. */
  get buffered(): number {
    return this.socket.bufferedAmount;
  }

  send(frame: Uint8Array): void {
    if (!this.isOpen) return;
    this.traffic.bytesOut += frame.length;
    this.traffic.framesOut++;
    this.observe?.('out', frame);
    this.socket.send(frame);
  }

  /** Says why, and ends the connection. */
  close(why: CloseInfo): void {
    if (this.isOver) return;
    this.why ??= why;
    if (this.isOpen) this.send(encode('Close', { code: why.code, cause: why.cause, limit: why.limit, value: why.value, text: why.text.slice(0, 120) }));
    this.isOpen = false;
    this.end(why.code);
  }

  /**
   * Lets go of a connection that may be dead: nothing is waited for. Should the server get to read it after all, a Close for want of life
   * (4451) keeps the session, which a mere WebSocket close would end (protocol-spec.md §5.8).
   */
  abandon(why: CloseInfo): void {
    this.close(why);
    this.finish(this.why ?? why);
  }

  private end(code: number): void {
    try {
      // A browser lets pages close with 1000 and 3000 to 4999 only.
      this.socket.close(code === 1000 || code >= 3000 ? code : 4000);
    } catch {
      // Not connected yet, or already closed: the end is the same.
    }
  }

  private receive(data: ArrayBuffer | string): void {
    if (this.isOver) return;
    this.heardAt = this.now();
    try {
      if (typeof data === 'string') throw new Malformed('the server sent text', CloseCode.UnsupportedData);
      const bytes = new Uint8Array(data);
      this.traffic.bytesIn += bytes.length;
      this.current = bytes;
      eachFrame(bytes, this.maxBody, this.frameIn);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.close(closeInfo(error.code, 0, 0, 0, error.message));
    }
  }

  private current: Uint8Array = new Uint8Array(0);

  private readonly frameIn = (type: number, start: number, end: number): void => {
    const bytes = this.current;
    this.traffic.framesIn++;
    this.observe?.('in', bytes.subarray(start - 4, end));
    if (this.why) return; // after a Close of either side nothing counts
    if (type !== FrameType.Close) {
      this.events.frame(type, bytes, start, end);
      return;
    }
    const { code, cause, limit, value, text } = decode('Close', bytes, start, end);
    this.why = closeInfo(code, cause, limit, value, text);
    this.wasToldWhy = true;
    this.isOpen = false;
    this.end(1000);
  };

  private finish(why: CloseInfo): void {
    if (this.isOver) return;
    this.isOver = true;
    this.isOpen = false;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.events.ended(why);
  }
}
