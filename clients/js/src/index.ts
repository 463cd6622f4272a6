/**
 * @relay/client: rooms of a Relay server, for browsers and Node.
 *
 * @module @relay/client
 */
export { Auth, AuthError, sessionIn, type AuthEvents, type AuthOptions, type AuthSession, type LocksLike, type SessionStore, type SignInWays } from './auth.js';
export { RelayClient, type ClientEvents, type ClientState, type ClientStats, type Session } from './client.js';
export { type ServerClock } from './clock.js';
export { Files, type FilesOptions } from './files/files.js';
export {
  FILE_ATTRIBUTE, FileError, fileUrl, isFileHash, type FileChanges, type FilePage, type FileVariant, type FileVisibility, type StoredFile, type UploadOptions,
} from './files/types.js';
export { type Motion } from './motion/motion.js';
export { type ReconnectOptions, type RelayClientOptions, type SocketLike } from './options.js';
export { closeInfo, RelayError, SessionLostError, type CloseInfo, type Refusal } from './reasons.js';
export { type AttributeOptions, type ObjectSpec, type RoomActions } from './room/actions.js';
export { type MoveOptions } from './room/mover.js';
export { type Room } from './room/room.js';
export { type Access, type Attribute, type Audience, type Member, type Place, type RoomEvents, type RoomObject, type Target, type Terms } from './room/types.js';
export { CloseCode, SignalKind, permissionNames, type PermissionName } from './wire/layouts.js';
export { type Measures } from './wire/measures.js';
