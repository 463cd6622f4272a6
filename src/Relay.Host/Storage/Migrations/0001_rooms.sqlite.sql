-- The same tables as in 0001_rooms.postgres.sql. WITHOUT ROWID: rows lie in the order of their keys, so a room is one stretch of pages.
-- Rooms, what is persistent in them, where people were, their roles and bans. Times are Unix milliseconds.

CREATE TABLE rooms (
    name TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    -- Name, title and description in lower case: what a search looks at.
    search TEXT NOT NULL DEFAULT '',
    owner TEXT,
    entry TEXT NOT NULL DEFAULT 'open' CHECK (entry IN ('open', 'invite', 'closed')),
    -- What opening a closed room makes of it.
    entry_before TEXT NOT NULL DEFAULT 'open' CHECK (entry_before IN ('open', 'invite')),
    settings TEXT NOT NULL DEFAULT '{}',
    last_object BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1
);

CREATE INDEX rooms_owner ON rooms (owner, name) WHERE owner IS NOT NULL;

-- The tables below have no foreign keys to rooms: each writer takes the lock of the room's row first, and who deletes a room deletes all of
-- these with it. A key would be checked once more for each of thousands of rows.

CREATE TABLE room_objects (
    room TEXT NOT NULL,
    object BIGINT NOT NULL,
    parent BIGINT NOT NULL,
    awaited_parent TEXT NOT NULL,
    flags SMALLINT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    creator TEXT NOT NULL,
    is_servers SMALLINT NOT NULL,
    -- Metres and a quaternion; all null for no place. Only the scale may be null alone.
    x REAL,
    y REAL,
    z REAL,
    rx REAL,
    ry REAL,
    rz REAL,
    rw REAL,
    scale REAL,
    PRIMARY KEY (room, object)
) WITHOUT ROWID;

CREATE TABLE room_attributes (
    room TEXT NOT NULL,
    -- Empty for an attribute of no person.
    user_id TEXT NOT NULL,
    -- 0 for none.
    object BIGINT NOT NULL,
    key TEXT NOT NULL,
    flags SMALLINT NOT NULL,
    readers_kind SMALLINT NOT NULL,
    readers_argument BIGINT NOT NULL,
    writers_kind SMALLINT NOT NULL,
    writers_argument BIGINT NOT NULL,
    -- One MessagePack value.
    value BLOB NOT NULL,
    -- A room is loaded as one range of it (user_id ''), a visitor as another.
    PRIMARY KEY (room, user_id, object, key)
) WITHOUT ROWID;

-- What people said with regard to an object goes with the object.
CREATE INDEX room_attributes_of_people ON room_attributes (room, object) WHERE user_id <> '';

CREATE TABLE room_places (
    room TEXT NOT NULL,
    user_id TEXT NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    z REAL NOT NULL,
    rx REAL NOT NULL,
    ry REAL NOT NULL,
    rz REAL NOT NULL,
    rw REAL NOT NULL,
    scale REAL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (room, user_id)
) WITHOUT ROWID;

CREATE TABLE room_roles (
    room TEXT NOT NULL REFERENCES rooms (name) ON DELETE CASCADE,
    -- user:ACCOUNT or address:ADDRESS
    subject TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (room, subject)
) WITHOUT ROWID;

CREATE INDEX room_roles_subject ON room_roles (subject);

CREATE TABLE room_bans (
    room TEXT NOT NULL REFERENCES rooms (name) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    -- Null for good.
    until BIGINT,
    reason TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (room, subject)
) WITHOUT ROWID;

CREATE INDEX room_bans_subject ON room_bans (subject);
