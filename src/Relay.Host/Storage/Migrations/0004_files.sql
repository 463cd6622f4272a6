-- Media files: what is known of the contents in the store, whose they are, and what is coming. Times are Unix milliseconds, lengths bytes.

CREATE TABLE files (
    -- What it is called in the store, 64 hex digits: the hash, or a keyed hash of it for a file under a token.
    file TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of the content in hex.
    hash TEXT NOT NULL,
    length BIGINT NOT NULL,
    -- The media type that the content was found to be of.
    type TEXT NOT NULL,
    -- Of images, in pixels, as they are shown.
    width BIGINT,
    height BIGINT,
    -- Of an animation how many; 1 for any other image, 0 for what is none.
    frames BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    -- Since when it is being removed; nobody gets it meanwhile. Null: it is there.
    condemned BIGINT
);

CREATE INDEX files_condemned ON files (condemned) WHERE condemned IS NOT NULL;

-- The same content may be many people's; it goes with the last of them.
CREATE TABLE file_holdings (
    file TEXT NOT NULL REFERENCES files (file),
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('public', 'room', 'owner')),
    -- Whose members may see it, if it is a room's.
    room TEXT,
    created BIGINT NOT NULL,
    -- When it goes, unless it is in a room by then. Null: it was claimed, and stays.
    expires BIGINT,
    PRIMARY KEY (file, account)
);

CREATE INDEX file_holdings_account ON file_holdings (account, created, file);
CREATE INDEX file_holdings_expires ON file_holdings (expires) WHERE expires IS NOT NULL;

-- Made once of an image: the content is a file of its own, which nobody holds.
CREATE TABLE file_variants (
    file TEXT NOT NULL REFERENCES files (file),
    -- 256.webp
    variant TEXT NOT NULL,
    content TEXT NOT NULL REFERENCES files (file),
    PRIMARY KEY (file, variant)
);

CREATE INDEX file_variants_content ON file_variants (content);

CREATE TABLE file_uploads (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    visibility TEXT NOT NULL,
    room TEXT,
    -- What was announced; null for no word about it, which is for what comes in one request.
    length BIGINT,
    -- What of the account's and the server's space is set aside for it.
    reserved BIGINT NOT NULL,
    created BIGINT NOT NULL,
    -- When what is here of it goes.
    expires BIGINT NOT NULL,
    -- What it is called in the store, noted before it gets there, so that nothing lies there that nobody knows of.
    file TEXT,
    -- 1: the file is there, and the upload only told of.
    is_done SMALLINT NOT NULL DEFAULT 0
);

CREATE INDEX file_uploads_account ON file_uploads (account);

-- The space that is used: what an account holds and has set aside, and, under the empty name, what the store holds and has set aside.
CREATE TABLE file_usage (
    account TEXT NOT NULL PRIMARY KEY,
    bytes BIGINT NOT NULL
);

-- Which files objects in rooms show. The length keeps values that are no hash out of the index, which could not hold large ones.
CREATE INDEX room_attributes_files ON room_attributes (value) WHERE key = 'relay.file' AND length(value) = 66;
