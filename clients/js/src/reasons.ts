import { closeCodes, CloseCode } from './wire/layouts.js';

/** Why a connection or a stay in a room ended: numbers for programs, sentences for people. protocol-spec.md §5.3, §9. */
export interface CloseInfo {
  /** Of the table of protocol-spec.md §9. */
  readonly code: number;
  /** The code's name there; "unknown" for one that is not in it. */
  readonly name: string;
  /** A second code that says more; 0 for none. */
  readonly cause: number;
  readonly causeName: string;
  /** The limit that was broken, and by what; 0 where there is none. */
  readonly limit: number;
  readonly value: number;
  /** What the server wrote, for a log. */
  readonly text: string;
  /** Whether it makes sense to connect again by itself. */
  readonly retry: boolean;
  /** What happened, in a sentence for a person. */
  readonly title: string;
  /** What to do, in a sentence for a person. */
  readonly advice: string;
}

/** A message that was refused; the connection lives on. protocol-spec.md §5.4. */
export interface Refusal {
  readonly code: number;
  readonly name: string;
  readonly limit: number;
  readonly value: number;
  readonly text: string;
  /** Number of the refused message; 0 for one without. */
  readonly sequence: number;
  /** Type of the refused frame. */
  readonly refusedType: number;
  /** What was refused, in a sentence for a person. */
  readonly title: string;
  /** What to do, in a sentence for a person. */
  readonly advice: string;
}

const table = new Map(closeCodes.map(([code, name, retry]) => [code, { name, retry }]));

/** What happened, and what to do. A test holds this list to the table of codes: each has its sentences. */
export const sentences: Readonly<Record<number, readonly [title: string, advice: string]>> = {
  1000: ['The connection was closed.', 'Connect again whenever you like.'],
  1001: ['The server is shutting down.', 'You will be connected again by yourself in a moment.'],
  1002: ['The server and this page do not understand each other.', 'Reload the page: it may be older than the server.'],
  1003: ['This page sent text where the server takes bytes only.', 'Reload the page; if it happens again, tell the operator.'],
  1006: ['The connection broke.', 'Look at your network. You will be connected again by yourself.'],
  1007: ['The server and this page read a message differently.', 'Reload the page: it may be older than the server.'],
  1009: ['A message was larger than is allowed.', 'Send less at once, then connect again.'],
  1011: ['The server had a fault of its own.', 'You will be connected again by yourself; if it happens again, tell the operator.'],
  1012: ['The server restarts.', 'You will be connected again by yourself in a moment.'],
  1013: ['The server has no room for another connection now.', 'Wait a little. You will be connected by yourself when there is room.'],
  4400: ['There can be no room of that name.', 'Use letters, digits and - _ . : / ~ @ +, at most 128 of them.'],
  4401: ['The server does not let you in without signing in.', 'Sign in, then connect again.'],
  4403: ['You are not allowed to do that.', 'Ask somebody with a higher role in this room.'],
  4404: ['What you meant is not there any more.', 'Look again: somebody may have removed it, or left.'],
  4405: ['The server does not know what this page asked for.', 'Reload the page: it may be newer than the server.'],
  4406: ['The server speaks another version of the protocol.', 'Reload the page: it may be older than the server.'],
  4408: ['The server heard nothing from you for too long.', 'Look at your network. You will be connected again by yourself.'],
  4409: ['You are in a room already.', 'Leave it first, or change rooms.'],
  4410: ['You are in no room.', 'Join a room first.'],
  4411: ['Something in this room has that name already.', 'Choose another name.'],
  4412: ['Somebody else was faster.', 'Look at how it is now, and try again if you still want to.'],
  4413: ['That is too long.', 'Make it shorter.'],
  4414: ['That has too many levels.', 'Put less inside of one another.'],
  4415: ['A thing cannot be inside of itself.', 'Choose another place for it.'],
  4421: ['Somebody else is holding it.', 'Wait until it is let go.'],
  4422: ['The server cannot make sense of that value.', 'Check what you entered.'],
  4423: ['That is not yours to move.', 'Take it first.'],
  4424: ['That is outside of the room.', 'Stay within its bounds.'],
  4425: ['Messages got out of order.', 'Reload the page.'],
  4429: ['That was too much at once.', 'Slow down a little, and try again.'],
  4430: ['The room is full.', 'Try again later, or go to another room.'],
  4431: ['The server has as many rooms as it may.', 'Go to a room that exists, or try again later.'],
  4432: ['There is no more space for that here.', 'Remove something first.'],
  4433: ['A moderator has taken you out of the room.', 'You may come back, if you are kind to each other.'],
  4434: ['You are banned from this room.', 'Go to another room, or ask its moderators.'],
  4435: ['The room has been closed.', 'Go to another room, or come back when it opens.'],
  4436: ['You came in from somewhere else: this page has been replaced.', 'Go on there, or connect again here.'],
  4437: ['You are in this room already, from another page or device.', 'Leave it there first.'],
  4438: ['You have been muted.', 'Ask a moderator to let you speak.'],
  4439: ['You are still in the lobby.', 'Enter the room first.'],
  4451: ['The server heard nothing from you for too long.', 'Look at your network. You will be connected again by yourself.'],
  4452: ['A message began and did not end in time.', 'Look at your network. You will be connected again by yourself.'],
  4453: ['Your connection was too slow for what happens here.', 'Look at your network. You will be connected again by yourself.'],
  4454: ['Your first message did not reach the server in time.', 'Look at your network. You will be connected again by yourself.'],
  4455: ['Something other than a client of this server tried to connect.', 'Check the address.'],
  4457: ['What you came in by has expired.', 'You will be connected again by yourself; if not, sign in again.'],
  4456: ['You are connected again, over a newer connection.', 'There is nothing to do.'],
  4500: ['The server could not store that.', 'Try again in a moment. Nothing is known to have changed.'],
};

const unknown = ['The server ended this for a reason that this page does not know.', 'Reload the page: it may be older than the server.'] as const;

/** The name of a code in the table; "unknown" for one that is not there. */
export const nameOfCode = (code: number): string => table.get(code)?.name ?? 'unknown';

/** What a Close frame, a Left frame or the end of a WebSocket tells. */
export function closeInfo(code: number, cause = 0, limit = 0, value = 0, text = ''): CloseInfo {
  // A cause says more than the code beside which it stands.
  const [title, advice] = (cause ? sentences[cause] : undefined) ?? sentences[code] ?? unknown;
  return {
    code, name: nameOfCode(code), cause, causeName: cause ? nameOfCode(cause) : '', limit, value, text,
    retry: (table.get(code)?.retry ?? false) || (table.get(cause)?.retry ?? false), title, advice,
  };
}

/** What an Error frame tells. */
export function refusal(code: number, limit: number, value: number, text: string, sequence = 0, refusedType = 0): Refusal {
  const [title, advice] = sentences[code] ?? unknown;
  return { code, name: nameOfCode(code), limit, value, text, sequence, refusedType, title, advice };
}

/** What a promise of the client rejects with. */
export class RelayError extends Error {
  /** Of the table of protocol-spec.md §9. */
  readonly code: number;
  readonly codeName: string;
  readonly limit: number;
  readonly value: number;

  /**
   * Made by the client.
   * @param reason what was refused, or how the connection ended.
   */
  constructor(readonly reason: CloseInfo | Refusal) {
    super(`${reason.title} (${reason.code} ${reason.name}${reason.text ? `: ${reason.text}` : ''}` +
      `${reason.limit || reason.value ? `; limit ${reason.limit}, value ${reason.value}` : ''})`);
    this.name = 'RelayError';
    this.code = reason.code;
    this.codeName = reason.name;
    this.limit = reason.limit;
    this.value = reason.value;
  }
}

/** The connection broke, and the session or the answer was lost: whether the server did what was asked is not known. */
export class SessionLostError extends RelayError {
  /** @internal */
  constructor() {
    super(closeInfo(CloseCode.Abnormal, 0, 0, 0, 'the answer was lost with the session'));
    this.name = 'SessionLostError';
  }
}
