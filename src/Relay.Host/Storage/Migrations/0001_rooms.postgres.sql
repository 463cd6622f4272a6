-- Rooms, what is persistent in them, where people were, their roles and bans. Times are Unix milliseconds. Key columns are compared byte by
-- byte (COLLATE "C"), which is fast and the same everywhere.

CREATE TABLE rooms (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    title TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    -- Name, title and description in lower case: what a search looks at.
    search TEXT NOT NULL DEFAULT '',
    owner TEXT COLLATE "C",
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
    room TEXT COLLATE "C" NOT NULL,
    object BIGINT NOT NULL,
    parent BIGINT NOT NULL,
    awaited_parent TEXT NOT NULL,
    flags SMALLINT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    creator TEXT NOT NULL,
    is_servers SMALLINT NOT NULL,
    -- Metres and a quaternion; all null for no place. Only the scale may be null alone.
    x DOUBLE PRECISION,
    y DOUBLE PRECISION,
    z DOUBLE PRECISION,
    rx REAL,
    ry REAL,
    rz REAL,
    rw REAL,
    scale REAL,
    PRIMARY KEY (room, object)
);

CREATE TABLE room_attributes (
    room TEXT COLLATE "C" NOT NULL,
    -- Empty for an attribute of no person.
    user_id TEXT COLLATE "C" NOT NULL,
    -- 0 for none.
    object BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    flags SMALLINT NOT NULL,
    readers_kind SMALLINT NOT NULL,
    readers_argument BIGINT NOT NULL,
    writers_kind SMALLINT NOT NULL,
    writers_argument BIGINT NOT NULL,
    -- One MessagePack value.
    value BYTEA NOT NULL,
    -- A room is loaded as one range of it (user_id ''), a visitor as another.
    PRIMARY KEY (room, user_id, object, key)
);

-- What people said with regard to an object goes with the object.
CREATE INDEX room_attributes_of_people ON room_attributes (room, object) WHERE user_id <> '';

CREATE TABLE room_places (
    room TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    x DOUBLE PRECISION NOT NULL,
    y DOUBLE PRECISION NOT NULL,
    z DOUBLE PRECISION NOT NULL,
    rx REAL NOT NULL,
    ry REAL NOT NULL,
    rz REAL NOT NULL,
    rw REAL NOT NULL,
    scale REAL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (room, user_id)
);

CREATE TABLE room_roles (
    room TEXT COLLATE "C" NOT NULL REFERENCES rooms (name) ON DELETE CASCADE,
    -- user:ACCOUNT or address:ADDRESS
    subject TEXT COLLATE "C" NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (room, subject)
);

CREATE INDEX room_roles_subject ON room_roles (subject);

CREATE TABLE room_bans (
    room TEXT COLLATE "C" NOT NULL REFERENCES rooms (name) ON DELETE CASCADE,
    subject TEXT COLLATE "C" NOT NULL,
    -- Null for good.
    until BIGINT,
    reason TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (room, subject)
);

CREATE INDEX room_bans_subject ON room_bans (subject);
