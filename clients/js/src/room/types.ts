/** Somebody in the room. A record is never changed: when something of it changes there is a new one. */
export interface Member {
  readonly id: number;
  readonly name: string;
  /** A place in {@link Room.roles}. */
  readonly role: number;
  readonly muted: boolean;
  readonly inLobby: boolean;
  /** Where its avatar is in {@link Room.motion}. */
  readonly slot: number;
  readonly generation: number;
  /** Its own attributes, by key. The map goes on changing. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** A thing in the room, protocol-spec.md §11.1. A record is never changed: when something of it changes there is a new one. */
export interface RoomObject {
  readonly id: number;
  /** The application's word for what it is. */
  readonly type: string;
  readonly name: string;
  /** The object that it is under; 0: none. */
  readonly parent: number;
  /** The member that owns it; 0: nobody. */
  readonly owner: number;
  /** The member that made it; 0: the server, or a member of an earlier life of the room. */
  readonly creator: number;
  /** It outlives its owner's stay. */
  readonly persistent: boolean;
  /** It has a place, and moves. */
  readonly placed: boolean;
  /** Nobody takes it. */
  readonly fixed: boolean;
  /** The member that has locked it; 0: nobody. */
  readonly lockHolder: number;
  /** Where it is in {@link Room.motion}; -1 if it has no place. */
  readonly slot: number;
  readonly generation: number;
  /** The name of the parent that it waits for. */
  readonly awaitedParent: string | undefined;
  /** Its attributes, by key. The map goes on changing. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** A value under a key, protocol-spec.md §11.2. A record is never changed. */
export interface Attribute {
  readonly key: string;
  /** The MessagePack value; undefined for one that JavaScript cannot hold. */
  readonly value: unknown;
  /** The room sequence of the change that made it so. */
  readonly version: number;
  /** Who wrote it last; 0: the server, or a member of an earlier life of the room. */
  readonly author: number;
  /** Bits: 1 ephemeral, 2 cloneable, 4 persistent. */
  readonly terms: number;
}

/** What an attribute is of. */
export type Target =
  | { readonly kind: 'room' }
  | { readonly kind: 'object'; readonly object: number }
  | { readonly kind: 'member'; readonly member: number }
  | { readonly kind: 'memberObject'; readonly object: number; readonly member: number };

/** Who may read or write an attribute. */
export type Access = 'everyone' | 'owner' | { readonly member: number } | { readonly roles: readonly number[] };

/** How an attribute behaves, protocol-spec.md §11.2. */
export interface Terms {
  /** It vanishes when the member that wrote it last leaves. */
  readonly ephemeral?: boolean;
  /** A copy of the object gets it too. */
  readonly cloneable?: boolean;
  /** It is stored if the room is; needs Pin. */
  readonly persistent?: boolean;
  /** Who is told of it; default everyone. */
  readonly readers?: Access;
  /** Who may write it; default owner. */
  readonly writers?: Access;
}

/** Who gets an event. `others`: all but the sender; `all`: the sender too. */
export type Audience = 'others' | 'all' | { readonly member: number } | { readonly roles: readonly number[] } | { readonly radius: number };

/** A position in metres and a rotation as a quaternion x, y, z, w. */
export interface Place {
  readonly position: ArrayLike<number>;
  /** Default: not turned. */
  readonly rotation?: ArrayLike<number>;
  /** Default 1. */
  readonly scale?: number;
}

/** What a room tells of. */
export interface RoomEvents {
  memberJoined: Member;
  memberLeft: { readonly member: Member; readonly reason: number };
  memberChanged: Member;
  objectAdded: RoomObject;
  objectChanged: { readonly object: RoomObject; readonly before: RoomObject };
  objectRemoved: RoomObject;
  attributeChanged: { readonly target: Target; readonly attribute: Attribute; readonly before: Attribute | undefined };
  attributeRemoved: { readonly target: Target; readonly attribute: Attribute };
  /** A snapshot has replaced members, objects and attributes; no single changes are told of it. */
  reset: undefined;
  /** Every event, as it came. */
  event: { readonly sender: number; readonly kind: number; readonly audience: number; readonly payload: Uint8Array };
  chat: { readonly sender: number; readonly text: string };
  typing: { readonly sender: number; readonly typing: boolean };
  highFive: { readonly sender: number; readonly data: unknown };
  handRaised: { readonly sender: number; readonly raised: boolean };
  /** An event of the application (kind 1,024 and up) whose payload is one MessagePack value. */
  message: { readonly sender: number; readonly kind: number; readonly value: unknown };
  /** A batch has been decoded into {@link Room.motion}. */
  batch: { readonly version: number; readonly serverMillis: number };
  /** The room is over for this client; the object is of no more use. */
  ended: undefined;
}
