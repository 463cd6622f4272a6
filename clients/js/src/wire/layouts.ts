// Made by scripts/generate.mjs from protocol-layouts.json. Do not edit.

/** Types of frames, protocol-spec.md §4. */
export const FrameType = {
  Nop: 0x00,
  Hello: 0x01,
  Welcome: 0x02,
  Close: 0x03,
  Error: 0x04,
  GoAway: 0x05,
  Ping: 0x06,
  Pong: 0x07,
  Expiring: 0x08,
  Renew: 0x09,
  Join: 0x10,
  ChangeRoom: 0x11,
  Leave: 0x12,
  Joined: 0x13,
  Left: 0x14,
  Presence: 0x15,
  SendEvent: 0x20,
  Event: 0x21,
  TransformUpdate: 0x30,
  TransformBatch: 0x31,
  CreateObject: 0x40,
  UpdateObject: 0x41,
  RemoveObject: 0x42,
  CloneObject: 0x43,
  Claim: 0x44,
  SetAttribute: 0x45,
  Manage: 0x46,
  State: 0x50,
  Done: 0x51,
} as const;

/** Why a connection ended or a message was refused, protocol-spec.md §9. */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  UnsupportedData: 1003,
  Abnormal: 1006,
  InvalidPayload: 1007,
  MessageTooBig: 1009,
  InternalError: 1011,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  BadRoomName: 4400,
  Unauthorized: 4401,
  Forbidden: 4403,
  NotFound: 4404,
  UnknownFrameType: 4405,
  UnsupportedVersion: 4406,
  Timeout: 4408,
  AlreadyInRoom: 4409,
  NotInRoom: 4410,
  NameTaken: 4411,
  Conflict: 4412,
  PayloadTooLarge: 4413,
  TooDeep: 4414,
  Cycle: 4415,
  Locked: 4421,
  BadValue: 4422,
  NotOwner: 4423,
  OutOfBounds: 4424,
  BadSequence: 4425,
  RateLimited: 4429,
  RoomFull: 4430,
  TooManyRooms: 4431,
  QuotaExceeded: 4432,
  Kicked: 4433,
  Banned: 4434,
  RoomClosed: 4435,
  Replaced: 4436,
  AlreadyPresent: 4437,
  Muted: 4438,
  InLobby: 4439,
  HeartbeatTimeout: 4451,
  FrameDeadline: 4452,
  SlowReceiver: 4453,
  HelloTimeout: 4454,
  BadPreface: 4455,
  TakenUpAgain: 4456,
  CredentialsExpired: 4457,
  StoreUnavailable: 4500,
} as const;

/** The protocol's own kinds of events, protocol-spec.md §11.9; from Application up they are the application's. */
export const SignalKind = {
  Chat: 1,
  Typing: 2,
  HighFive: 3,
  HandRaised: 4,
  Notification: 5,
  FlyToMe: 6,
  StageMode: 7,
  Application: 1024,
} as const;

/** What Claim asks for, protocol-spec.md §11.5. */
export const ClaimAction = {
  Take: 0,
  Give: 1,
  Release: 2,
  Lock: 3,
  Unlock: 4,
} as const;

/** What Manage asks for, protocol-spec.md §11.6. */
export const ManageAction = {
  Enter: 0,
  Mute: 1,
  Unmute: 2,
  Kick: 3,
  Ban: 4,
  Unban: 5,
  Block: 6,
  Unblock: 7,
  SetRole: 8,
  CloseRoom: 9,
  OpenRoom: 10,
} as const;

/** Bits of a role's permissions, lowest first, protocol-spec.md §11.6. */
export const permissionNames = ['Move', 'SendEvents', 'Chat', 'Direct', 'CreateObjects', 'Pin', 'TakeObjects', 'LockObjects', 'EditObjects', 'SetRoomAttributes', 'SetMemberAttributes', 'Mute', 'Kick', 'Ban', 'SetRoles', 'CloseRoom'] as const;

/** One of {@link permissionNames}. */
export type PermissionName = (typeof permissionNames)[number];

/** Every message by the name of its frame. */
export interface Messages {
  /** protocol-spec.md §4.1. */
  Nop: Record<string, never>;

  /** protocol-spec.md §5.1. */
  Hello: {
    versionOldest: number;
    versionNewest: number;
    capabilities: number;
    credentials: Uint8Array;
    resumeToken: Uint8Array;
    lastSequence: number;
    epoch?: bigint;
    cursor?: number;
    lastAnswer?: number;
    agent: string;
  };

  /** protocol-spec.md §5.2. */
  Welcome: {
    version: number;
    capabilities: number;
    sessionHigh: bigint;
    sessionLow: bigint;
    resumeToken: Uint8Array;
    lastApplied: number;
    serverClock: bigint;
    heartbeatMs: number;
    idleTimeoutMs: number;
    maxFrameBody: number;
    maxServerFrameBody: number;
    framesPerSecond: number;
    frameBurst: number;
    maxEventPayload: number;
    defaultTickMicros: number;
    name: string;
  };

  /** protocol-spec.md §5.3. */
  Close: {
    code: number;
    cause: number;
    limit: number;
    value: number;
    text: string;
  };

  /** protocol-spec.md §5.4. */
  Error: {
    refusedType: number;
    sequence: number;
    code: number;
    limit: number;
    value: number;
    text: string;
  };

  /** protocol-spec.md §5.5. */
  GoAway: {
    reason: number;
    deadlineMs: number;
    retryAfterMs: number;
    jitterMs: number;
    alternateUrl: Uint8Array;
  };

  /** protocol-spec.md §5.6. */
  Ping: {
    stamp: bigint;
  };

  /** protocol-spec.md §5.6. */
  Pong: {
    stamp: bigint;
    received: bigint;
    sent: bigint;
  };

  /** protocol-spec.md §5.9. */
  Expiring: {
    graceMs: number;
  };

  /** protocol-spec.md §5.9. */
  Renew: {
    sequence: number;
    credentials: Uint8Array;
  };

  /** protocol-spec.md §6.1. */
  Join: {
    sequence: number;
    room: string;
    ticket: Uint8Array;
    flags: number;
    epoch?: bigint;
    cursor?: number;
  };

  /** protocol-spec.md §6.1. */
  ChangeRoom: {
    sequence: number;
    room: string;
    ticket: Uint8Array;
    flags: number;
    epoch?: bigint;
    cursor?: number;
  };

  /** protocol-spec.md §6.3. */
  Leave: {
    sequence: number;
  };

  /** protocol-spec.md §6.2. */
  Joined: {
    sequence: number;
    room: string;
    epoch: bigint;
    member: number;
    slot: number;
    generation: number;
    minX: number;
    minY: number;
    minZ: number;
    precision: number;
    stepsX: number;
    stepsY: number;
    stepsZ: number;
    tickMicros: number;
    ageUnitMicros: number;
    capacity: number;
    maxObjects: number;
    maxValue: number;
    roles: { permissions: number; name: string }[];
  };

  /** protocol-spec.md §6.3. */
  Left: {
    sequence: number;
    reason: number;
  };

  /** protocol-spec.md §6.4. */
  Presence: {
    flags: number;
    sequence: number;
    epoch?: bigint;
    version?: number;
    entries: { kind: number; member: number; slot?: number; generation?: number; role?: number; standing?: number; name?: string; reason?: number }[];
  };

  /** protocol-spec.md §7.1. */
  SendEvent: {
    sequence: number;
    audience: number;
    member?: number;
    roles?: number;
    radius?: number;
    kind: number;
    payload: Uint8Array;
  };

  /** protocol-spec.md §7.2. */
  Event: {
    sequence: number;
    audience: number;
    sender: number;
    kind: number;
    payload: Uint8Array;
  };

  /** protocol-spec.md §8.3. */
  TransformUpdate: {
    entries: { slot: number; generation: number; extended: number; age: number; x: number; y: number; z: number; rotation: number; extensionFlags?: number; vx?: number; vy?: number; vz?: number; scale?: number }[];
  };

  /** protocol-spec.md §8.4. */
  TransformBatch: {
    flags: number;
    version: number;
    presupposes: number;
    serverMillis: number;
    removals: { slot: number }[];
    entries: { slot: number; extended: number; age: number; x: number; y: number; z: number; rotation: number; extensionFlags?: number; vx?: number; vy?: number; vz?: number; scale?: number }[];
  };

  /** protocol-spec.md §11.3. */
  CreateObject: {
    sequence: number;
    flags: number;
    parentName?: string;
    parent?: number;
    type: string;
    name: string;
    attributes: { terms: number; readers: { access: number; argument?: number }; writers: { access: number; argument?: number }; key: string; value: Uint8Array }[];
    place?: Uint8Array;
  };

  /** protocol-spec.md §11.3. */
  UpdateObject: {
    sequence: number;
    object: number;
    fields: number;
    parent?: number;
    type?: string;
    name?: string;
    flags?: number;
  };

  /** protocol-spec.md §11.3. */
  RemoveObject: {
    sequence: number;
    object: number;
  };

  /** protocol-spec.md §11.3. */
  CloneObject: {
    sequence: number;
    object: number;
    parent: number;
    name: string;
  };

  /** protocol-spec.md §11.5. */
  Claim: {
    sequence: number;
    object: number;
    action: number;
    argument: number;
  };

  /** protocol-spec.md §11.4. */
  SetAttribute: {
    sequence: number;
    operation: number;
    target: number;
    object?: number;
    member?: number;
    expected?: number;
    terms?: number;
    readers?: { access: number; argument?: number };
    writers?: { access: number; argument?: number };
    key: string;
    path?: Uint8Array;
    value?: Uint8Array;
  };

  /** protocol-spec.md §11.6. */
  Manage: {
    sequence: number;
    action: number;
    member: number;
    argument: number;
    text: string;
  };

  /** protocol-spec.md §11.8. */
  State: {
    flags: number;
    sequence: number;
    epoch?: bigint;
    version?: number;
    entries: { kind: number; object?: number; flags?: number; parent?: number; owner?: number; creator?: number; lockHolder?: number; slot?: number; generation?: number; type?: string; name?: string; awaitedParent?: string; target?: number; member?: number; key?: string; terms?: number; readers?: { access: number; argument?: number }; writers?: { access: number; argument?: number }; version?: number; author?: number; value?: Uint8Array; path?: Uint8Array }[];
  };

  /** protocol-spec.md §11.7. */
  Done: {
    sequence: number;
    value: number;
  };
}

/** A field, a condition, a list or a shared part; protocol-layouts.json says how they are written. */
export type LayoutItem =
  | string
  | { readonly when: string; readonly then: readonly LayoutItem[]; readonly else?: readonly LayoutItem[] }
  | { readonly each: readonly LayoutItem[]; readonly count: string; readonly as: string; readonly least: number }
  | { readonly use: string; readonly as?: string };

/** A frame's number, name, place in the document, direction and body. */
export interface FrameLayout {
  readonly type: number;
  readonly name: keyof Messages;
  readonly section: string;
  readonly from: 'client' | 'server' | 'both';
  readonly numbered?: boolean;
  readonly answered?: boolean;
  readonly reliable?: boolean;
  readonly body: readonly LayoutItem[];
}

/** Parts that several layouts share. */
export const parts: Readonly<Record<string, readonly LayoutItem[]>> = {"record":["record:record",{"when":"extended & 1","then":["flags:u8 mask 7 as extensionFlags",{"when":"extensionFlags & 2","then":["vx:i16","vy:i16","vz:i16"]},{"when":"extensionFlags & 4","then":["scale:f32"]}]}],"target":["target:u8 max 3",{"when":"target = 1 3","then":["object:varint"]},{"when":"target = 2 3","then":["member:varint"]}],"access":["access:u8 max 3",{"when":"access = 2 3","then":["argument:varint"]}],"terms":["terms:u8 mask 7",{"use":"access","as":"readers"},{"use":"access","as":"writers"}],"join":["sequence:varint64","room:string8","ticket:bytes16","flags:u8 mask 1",{"when":"flags & 1","then":["epoch:u64","cursor:varint64"]}]};

/** Every frame. */
export const frames: readonly FrameLayout[] = [
  {"type":0,"name":"Nop","section":"4.1","from":"both","body":[]},
  {"type":1,"name":"Hello","section":"5.1","from":"client","body":["versionOldest:u8","versionNewest:u8","capabilities:varint64","credentials:bytes16","resumeToken:bytes8","lastSequence:varint64",{"when":"resumeToken","then":["epoch:u64","cursor:varint64","lastAnswer:varint64"]},"agent:string8"]},
  {"type":2,"name":"Welcome","section":"5.2","from":"server","body":["version:u8","capabilities:varint64","sessionHigh:u64","sessionLow:u64","resumeToken:bytes8","lastApplied:varint64","serverClock:u64","heartbeatMs:varint","idleTimeoutMs:varint","maxFrameBody:varint","maxServerFrameBody:varint","framesPerSecond:varint","frameBurst:varint","maxEventPayload:varint","defaultTickMicros:varint","name:string8"]},
  {"type":3,"name":"Close","section":"5.3","from":"both","body":["code:u16","cause:u16","limit:f64","value:f64","text:string8"]},
  {"type":4,"name":"Error","section":"5.4","from":"server","body":["refusedType:u8","sequence:varint64","code:u16","limit:f64","value:f64","text:string8"]},
  {"type":5,"name":"GoAway","section":"5.5","from":"server","body":["reason:u16","deadlineMs:varint","retryAfterMs:varint","jitterMs:varint","alternateUrl:bytes16"]},
  {"type":6,"name":"Ping","section":"5.6","from":"both","body":["stamp:u64"]},
  {"type":7,"name":"Pong","section":"5.6","from":"both","body":["stamp:u64","received:u64","sent:u64"]},
  {"type":8,"name":"Expiring","section":"5.9","from":"server","body":["graceMs:varint"]},
  {"type":9,"name":"Renew","section":"5.9","from":"client","numbered":true,"answered":true,"body":["sequence:varint64","credentials:bytes16"]},
  {"type":16,"name":"Join","section":"6.1","from":"client","numbered":true,"answered":true,"body":[{"use":"join"}]},
  {"type":17,"name":"ChangeRoom","section":"6.1","from":"client","numbered":true,"answered":true,"body":[{"use":"join"}]},
  {"type":18,"name":"Leave","section":"6.3","from":"client","numbered":true,"answered":true,"body":["sequence:varint64"]},
  {"type":19,"name":"Joined","section":"6.2","from":"server","body":["sequence:varint64","room:string8","epoch:u64","member:varint","slot:varint","generation:u8","minX:f64 finite","minY:f64 finite","minZ:f64 finite","precision:f64 above 0","stepsX:varint between 1 268435456","stepsY:varint between 1 268435456","stepsZ:varint between 1 268435456","tickMicros:varint","ageUnitMicros:varint","capacity:varint","maxObjects:varint","maxValue:varint",{"each":["permissions:varint","name:string8"],"count":"roles:u8 max 32","as":"roles","least":2}]},
  {"type":20,"name":"Left","section":"6.3","from":"server","body":["sequence:varint64","reason:u16"]},
  {"type":21,"name":"Presence","section":"6.4","from":"server","reliable":true,"body":["flags:u8 in 0 1 3 5 7 9 11","sequence:varint64",{"when":"flags & 1","then":["epoch:u64","version:varint64"]},{"count":"count:varint","as":"entries","least":4,"each":["kind:u8 max 2","member:varint",{"when":"kind = 0","then":["slot:varint","generation:u8","role:u8","standing:u8 mask 3","name:string8"]},{"when":"kind = 1","then":["reason:u16"]},{"when":"kind = 2","then":["role:u8","standing:u8 mask 3"]}]}]},
  {"type":32,"name":"SendEvent","section":"7.1","from":"client","numbered":true,"body":["sequence:varint64","audience:u8 max 4",{"when":"audience = 2","then":["member:varint"]},{"when":"audience = 3","then":["roles:varint"]},{"when":"audience = 4","then":["radius:f32"]},"kind:varint","payload:rest"]},
  {"type":33,"name":"Event","section":"7.2","from":"server","reliable":true,"body":["sequence:varint64","audience:u8 max 4","sender:varint","kind:varint","payload:rest"]},
  {"type":48,"name":"TransformUpdate","section":"8.3","from":"client","body":[{"count":"count:varint min 1","as":"entries","least":2,"each":["slot:varint","generation:u8",{"use":"record"}]}]},
  {"type":49,"name":"TransformBatch","section":"8.4","from":"server","body":["flags:u8 mask 1","version:varint64","presupposes:varint64","serverMillis:u32",{"count":"removals:varint","as":"removals","least":1,"each":["slotDelta:slot as slot"]},{"count":"count:varint","as":"entries","least":1,"each":["slotDelta:slot as slot",{"use":"record"}]}]},
  {"type":64,"name":"CreateObject","section":"11.3","from":"client","numbered":true,"answered":true,"body":["sequence:varint64","flags:u8 mask 23",{"when":"flags & 16","then":["parentName:string8"],"else":["parent:varint"]},"type:string8","name:string8",{"count":"attributes:varint","as":"attributes","least":5,"each":[{"use":"terms"},"key:string8","value:bytes"]},{"when":"flags & 2","then":["place:rest"]}]},
  {"type":65,"name":"UpdateObject","section":"11.3","from":"client","numbered":true,"answered":true,"body":["sequence:varint64","object:varint","fields:u8 mask 15",{"when":"fields & 1","then":["parent:varint"]},{"when":"fields & 2","then":["type:string8"]},{"when":"fields & 4","then":["name:string8"]},{"when":"fields & 8","then":["flags:u8 mask 5"]}]},
  {"type":66,"name":"RemoveObject","section":"11.3","from":"client","numbered":true,"answered":true,"body":["sequence:varint64","object:varint"]},
  {"type":67,"name":"CloneObject","section":"11.3","from":"client","numbered":true,"answered":true,"body":["sequence:varint64","object:varint","parent:varint","name:string8"]},
  {"type":68,"name":"Claim","section":"11.5","from":"client","numbered":true,"answered":true,"body":["sequence:varint64","object:varint","action:u8 max 4","argument:varint"]},
  {"type":69,"name":"SetAttribute","section":"11.4","from":"client","numbered":true,"answered":true,"body":["sequence:varint64","operation:u8 mask 15",{"use":"target"},{"when":"operation & 4","then":["expected:varint64"]},{"when":"operation & 8","then":[{"use":"terms"}]},"key:string8",{"when":"operation = 1 2 5 6 9 10 13 14","then":["path:bytes8"]},{"when":"operation = 0 1 4 5 8 9 12 13","then":["value:rest"]}]},
  {"type":70,"name":"Manage","section":"11.6","from":"client","numbered":true,"answered":true,"body":["sequence:varint64","action:u8 max 10","member:varint","argument:varint","text:string8"]},
  {"type":80,"name":"State","section":"11.8","from":"server","reliable":true,"body":["flags:u8 in 0 1 5","sequence:varint64",{"when":"flags & 1","then":["epoch:u64","version:varint64"]},{"count":"count:varint","as":"entries","least":2,"each":["kind:u8 max 4",{"when":"kind = 0","then":["object:varint","flags:u8 mask 31","parent:varint","owner:varint","creator:varint",{"when":"flags & 8","then":["lockHolder:varint"]},{"when":"flags & 2","then":["slot:varint","generation:u8"]},"type:string8","name:string8",{"when":"flags & 16","then":["awaitedParent:string8"]}]},{"when":"kind = 1","then":["object:varint"]},{"when":"kind = 2","then":[{"use":"target"},"key:string8",{"use":"terms"},"version:varint64","author:varint","value:bytes"]},{"when":"kind = 3","then":[{"use":"target"},"key:string8","version:varint64","author:varint","path:bytes8","value:bytes"]},{"when":"kind = 4","then":[{"use":"target"},"key:string8"]}]}]},
  {"type":81,"name":"Done","section":"11.7","from":"server","body":["sequence:varint64","value:varint64"]},
];

/** Every close and error code: number, name, whether a client may connect again by itself, and what it means. */
export const closeCodes: readonly (readonly [code: number, name: string, retry: boolean, meaning: string])[] = [
  [1000,"normal",false,"the peer is done"],
  [1001,"going_away",true,"the server is draining"],
  [1002,"protocol_error",false,"framing, order of frames, or no common version"],
  [1003,"unsupported_data",false,"a WebSocket text message"],
  [1006,"abnormal",true,"the connection ended without Close; never sent as a close code"],
  [1007,"invalid_payload",false,"a malformed body; value = frame type"],
  [1009,"message_too_big",false,"a frame or message above the limit"],
  [1011,"internal_error",true,"the server failed"],
  [1012,"service_restart",true,"the server restarts"],
  [1013,"try_again_later",true,"no room for another connection"],
  [4400,"bad_room_name",false,"empty, too long, or with characters that are not allowed"],
  [4401,"unauthorized",false,"credentials refused, or none in time"],
  [4403,"forbidden",false,"known, but not allowed"],
  [4404,"not_found",false,"no such room, member, object or attribute"],
  [4405,"unknown_frame_type",false,"and not marked optional; value = type"],
  [4406,"unsupported_version",false,"limit = newest version spoken, value = newest offered"],
  [4408,"timeout",true,"took too long; see the cause"],
  [4409,"already_in_room",false,"Join while in a room"],
  [4410,"not_in_room",false,"needs a room"],
  [4411,"name_taken",false,"another object has that name"],
  [4412,"conflict",false,"not the version or the owner that was expected; value = the present one"],
  [4413,"payload_too_large",false,"event payload or attribute value; limit and value in bytes"],
  [4414,"too_deep",false,"the tree or the value has too many levels"],
  [4415,"cycle",false,"an object would be under itself"],
  [4421,"locked",false,"value = the member that holds the lock"],
  [4422,"bad_value",false,"not a number, or outside what the field allows"],
  [4423,"not_owner",false,"not a slot that the sender may move"],
  [4424,"out_of_bounds",false,"position outside the room"],
  [4425,"bad_sequence",false,"a numbered message skipped a number"],
  [4429,"rate_limited",true,"more frames, or events of a kind, than the limit; value = those dropped"],
  [4430,"room_full",false,"limit = capacity"],
  [4431,"too_many_rooms",false,"the server's limit of rooms"],
  [4432,"quota_exceeded",false,"more objects or attributes than the limit"],
  [4433,"kicked",false,"taken out of the room by a moderator"],
  [4434,"banned",false,"banned from the room"],
  [4435,"room_closed",false,"the room has been closed"],
  [4436,"replaced",false,"the same user came in over another connection"],
  [4437,"already_present",false,"the same user is in the room over another connection"],
  [4438,"muted",false,"the sender is muted"],
  [4439,"in_lobby",false,"the sender waits in the lobby"],
  [4451,"heartbeat_timeout",false,"nothing arrived for `idleTimeoutMs`"],
  [4452,"frame_deadline",false,"a frame begun and not finished in time"],
  [4453,"slow_receiver",false,"the peer did not read in time"],
  [4454,"hello_timeout",true,"no Hello in time"],
  [4455,"bad_preface",false,"the first bytes on TCP are not the preface"],
  [4456,"taken_up_again",false,"the session goes on over a newer connection"],
  [4457,"credentials_expired",true,"what the connection was let in by has expired, and nothing fresh came in time"],
  [4500,"store_unavailable",false,"what had to be stored could not be"],
];
