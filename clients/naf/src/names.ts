// What things of networked-aframe are called in a room.

const prefix = 'naf:';
const maxBytes = 64; // of an object's name, protocol-spec.md §11.1
const encoder = new TextEncoder();

/** The name of an entity's object; undefined if the network id is too long, or holds what a name may not. */
export function objectName(networkId: string): string | undefined {
  const name = prefix + networkId;
  return networkId.length > 0 && encoder.encode(name).length <= maxBytes && !/[\u0000-\u001f\u007f]/.test(name) ? name : undefined;
}

/** The network id in an object's name; undefined for objects that are not networked-aframe's. */
export const networkIdOf = (name: string): string | undefined => (name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : undefined);

/**
 * The room of an app's room. Names are free in networked-aframe; here they are made of few characters (protocol-spec.md §6.1), so every other
 * byte becomes `+` and two hexadecimal digits.
 */
export function roomName(app: string, room: string): string {
  return `${escape(app)}/${escape(room)}`;
}

function escape(text: string): string {
  const bytes = encoder.encode(text);
  return [...bytes].map((byte) => (/[A-Za-z0-9_-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `+${byte.toString(16).padStart(2, '0')}`)).join('') || '+';
}

/**
 * What a member is called in networked-aframe. Member ids begin anew in each life of a room, and whoever comes back to a new one must not be
 * taken for somebody of the old one: so the life's name is in it.
 */
export const clientId = (member: number, epoch: bigint): string => `${member}.${epoch.toString(36)}`;

/** The member; undefined for what is no client id of this life of the room. */
export function memberOf(id: string, epoch: bigint): number | undefined {
  const member = Number.parseInt(id, 10);
  return member > 0 && clientId(member, epoch) === id ? member : undefined;
}

/** The URL of the relay: of the page's own host unless the page says more. A URL without a path means the usual one. */
export function relayUrl(serverUrl: string | undefined, base: string): URL {
  const url = new URL(serverUrl || '/', base);
  if (url.pathname === '/') url.pathname = '/relay';
  return url;
}
