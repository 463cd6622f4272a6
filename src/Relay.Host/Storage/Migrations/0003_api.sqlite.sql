-- The same tables as in 0003_api.postgres.sql.
-- What the REST interface keeps beside the rooms. Times are Unix milliseconds; hashes are SHA-256 in base64url. No secret is here but those
-- of webhooks, which must be known to sign.

-- In which revision each field of a room was changed last.
CREATE TABLE room_fields (
    room TEXT NOT NULL REFERENCES rooms (name) ON DELETE CASCADE,
    field TEXT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (room, field)
);

CREATE TABLE room_invites (
    id TEXT NOT NULL PRIMARY KEY,
    room TEXT NOT NULL REFERENCES rooms (name) ON DELETE CASCADE,
    hash TEXT NOT NULL UNIQUE,
    role TEXT,
    creator TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    -- Null for any number.
    uses_left BIGINT
);

CREATE INDEX room_invites_room ON room_invites (room, id);

-- Who came in by an invite once may come again as long as it is good.
CREATE TABLE room_invited (
    invite TEXT NOT NULL REFERENCES room_invites (id) ON DELETE CASCADE,
    account TEXT NOT NULL,
    PRIMARY KEY (invite, account)
);

CREATE TABLE idempotency (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Of method, path and body.
    request TEXT NOT NULL,
    -- Names the server's run and the request in it that works on it.
    worker TEXT NOT NULL,
    created BIGINT NOT NULL,
    -- Null until it is answered.
    status INTEGER,
    headers TEXT,
    body TEXT,
    PRIMARY KEY (account, key)
);

CREATE INDEX idempotency_created ON idempotency (created);

CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    -- Null for all rooms.
    room TEXT REFERENCES rooms (name) ON DELETE CASCADE,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    -- Kinds of events with a space between.
    events TEXT NOT NULL,
    creator TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE INDEX webhooks_room ON webhooks (room, id);

CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    created BIGINT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- When to try next; null when it was delivered or given up.
    due BIGINT,
    -- waiting, delivered, parked
    state TEXT NOT NULL DEFAULT 'waiting',
    outcome TEXT NOT NULL DEFAULT ''
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due) WHERE due IS NOT NULL;
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook, created, id);
