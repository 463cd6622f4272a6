// What the server tells: src/Relay.Host/Monitor/Sample.cs and RoomView.cs.
// Times of ticks in microseconds, rates per second, sizes in bytes.

export interface Tick { last: number; mean: number; p50: number; p99: number; max: number }

export interface Room {
  name: string;
  epoch: string;
  ageSeconds: number;
  tickMillis: number;
  capacity: number;
  members: number;
  away: number;
  slow: number;
  closed: boolean;
  objects: number;
  attributes: number;
  stateBytes: number;
  deliveriesPerSecond: number;
  bytesOutPerSecond: number;
  conflatedPerSecond: number;
  ticksPerSecond: number;
  refusals: number;
  lateTicks: number;
  tick: Tick;
}

export interface Close { code: number; name: string; cause: number; causeName: string; count: number }

export interface RecentClose extends Omit<Close, 'count'> {
  at: number;
  limit: number;
  value: number;
  text: string;
  who: string;
  transport: string;
  remote: string;
}

export interface Sample {
  number: number;
  at: number;
  seconds: number;
  server: {
    draining: boolean;
    uptimeSeconds: number;
    road: string;
    connections: number;
    suspended: number;
    rooms: number;
    members: number;
    slow: number;
    heldBytes: number;
    lateTicks: number;
    refusals: number;
  };
  process: {
    cpuPercent: number;
    processors: number;
    memoryBytes: number;
    heapBytes: number;
    allocatedPerSecond: number;
    gen0: number;
    gen1: number;
    gen2: number;
  };
  rates: {
    framesIn: number;
    bytesIn: number;
    deliveries: number;
    bytesOut: number;
    conflated: number;
    refusals: number;
    ticks: number;
  };
  tick: Tick;
  rooms: Room[];
  closes: Close[];
  recentCloses: RecentClose[];
}

export interface Attribute {
  key: string;
  value: string;
  bytes: number;
  version: number;
  author: number;
  readers: string;
  writers: string;
  ephemeral: boolean;
}

export interface Member {
  id: number;
  name: string;
  role: string;
  muted: boolean;
  lobby: boolean;
  userId: string | null;
  session: string;
  transport: string;
  road: string;
  remote: string;
  away: boolean;
  slow: boolean;
  slowSeconds: number;
  connectedSeconds: number;
  silentSeconds: number;
  needsSnapshot: boolean;
  versionsBehind: number;
  messagesBehind: number;
  heldBytes: number;
  owned: number;
  place: [number, number, number] | null;
  attributes: Attribute[];
}

export interface RoomObject {
  id: number;
  type: string;
  name: string;
  parent: number;
  owner: number;
  creator: number;
  lockHolder: number;
  persistent: boolean;
  fixed: boolean;
  place: [number, number, number] | null;
  attributes: Attribute[];
  memberAttributes: { member: number; attributes: Attribute[] }[];
}

export interface RoomLook {
  figures: Room;
  members: Member[];
  attributes: Attribute[];
  objects: RoomObject[];
  objectsUntold: number;
}
