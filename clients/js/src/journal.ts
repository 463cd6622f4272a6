import { RelayError, SessionLostError, refusal, type CloseInfo, type Refusal } from './reasons.js';
import { CloseCode } from './wire/layouts.js';

/** What the server may answer a numbered message with. */
export interface Reply {
  resolve(answer: number | object): void;
  reject(error: Error): void;
}

interface Entry {
  readonly sequence: number;
  readonly frame: Uint8Array;
  reply: Reply | undefined;
}

/** The most that waits to be confirmed: a client that is away for long does not collect without end. */
const maxBytes = 1 << 20;
const maxEntries = 4096;

/**
 * The numbered messages of a session (protocol-spec.md §5.7): what has been sent and not been confirmed, to be sent again when the session is
 * taken up over another connection, and who waits for the answers.
 */
export class Journal {
  private next = 1;
  private bytes = 0;
  private entries: Entry[] = []; // not confirmed, in order
  private readonly waiting = new Map<number, Reply>();

  /** The highest number whose answer has come (protocol-spec.md §5.8). */
  lastAnswer = 0;

  /** The number of the last message. */
  get last(): number {
    return this.next - 1;
  }

  /**
   * Numbers a message and keeps it.
   * @param encode makes the frame with its number.
   * @returns the frame, to be sent.
   * @throws {RelayError} 1013 when too much waits to be confirmed.
   */
  add(encode: (sequence: number) => Uint8Array, reply?: Reply): Uint8Array {
    if (this.bytes >= maxBytes || this.entries.length >= maxEntries) {
      throw new RelayError(refusal(CloseCode.TryAgainLater, maxBytes, this.bytes, 'too many messages wait for the connection'));
    }
    const frame = encode(this.next);
    const sequence = this.next++;
    this.entries.push({ sequence, frame, reply });
    this.bytes += frame.length;
    if (reply) this.waiting.set(sequence, reply);
    return frame;
  }

  /** The server has applied everything up to this number. */
  confirm(sequence: number): void {
    let count = 0;
    while (count < this.entries.length && this.entries[count]!.sequence <= sequence) this.bytes -= this.entries[count++]!.frame.length;
    if (count > 0) this.entries = this.entries.slice(count);
  }

  /** The answer to a message has come. Returns false if nobody waits for it: it came twice, or there is no promise. */
  answer(sequence: number, result: number | object): boolean {
    const reply = this.take(sequence);
    reply?.resolve(result);
    return reply !== undefined;
  }

  /** A message was refused. Returns false if nobody waits for its answer. */
  refuse(sequence: number, why: Refusal): boolean {
    const reply = this.take(sequence);
    reply?.reject(new RelayError(why));
    return reply !== undefined;
  }

  private take(sequence: number): Reply | undefined {
    if (sequence > this.lastAnswer) this.lastAnswer = sequence;
    const reply = this.waiting.get(sequence);
    this.waiting.delete(sequence);
    return reply;
  }

  /** Everything that has to be sent again once the session goes on. */
  *unconfirmed(): Generator<Uint8Array> {
    for (const { frame } of this.entries) yield frame;
  }

  /** Answers up to this number that have not come will not: the server had not kept them. */
  loseAnswers(upTo: number): void {
    for (const [sequence, reply] of [...this.waiting]) {
      if (sequence > upTo) continue;
      this.waiting.delete(sequence);
      reply.reject(new SessionLostError());
    }
  }

  /** The session is over; another begins with number 1. Who waits is told. */
  restart(error: Error = new SessionLostError()): void {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    this.entries = [];
    this.bytes = 0;
    this.next = 1;
    this.lastAnswer = 0;
    for (const reply of waiting) reply.reject(error);
  }

  /** The client has ended. */
  end(why: CloseInfo): void {
    this.restart(new RelayError(why));
  }
}
