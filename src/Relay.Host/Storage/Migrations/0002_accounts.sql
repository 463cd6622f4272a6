-- Who people are and how they come in. Times are Unix milliseconds; hashes are SHA-256 in base64url. No secret is here, and no address of
-- mail or network in the clear.

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('guest', 'user', 'server')),
    name TEXT NOT NULL,
    profile TEXT NOT NULL DEFAULT '{}',
    is_admin SMALLINT NOT NULL DEFAULT 0,
    is_disabled SMALLINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1
);

CREATE INDEX accounts_guests ON accounts (last_seen) WHERE kind = 'guest';
CREATE INDEX accounts_disabled ON accounts (id) WHERE is_disabled = 1;

-- One identity belongs to one account, by the key.
CREATE TABLE identities (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    claims TEXT NOT NULL DEFAULT '{}',
    created BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
);

CREATE INDEX identities_account ON identities (account);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    client TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT NOT NULL,
    idle_until BIGINT NOT NULL,
    until BIGINT NOT NULL,
    family TEXT NOT NULL,
    refresh TEXT NOT NULL,
    -- Null while it goes on; kept for as long as an access token of it may live.
    ended BIGINT
);

CREATE INDEX sessions_account ON sessions (account, last_used);
CREATE INDEX sessions_idle_until ON sessions (idle_until);
CREATE INDEX sessions_ended ON sessions (ended) WHERE ended IS NOT NULL;

CREATE TABLE one_time (
    purpose TEXT NOT NULL,
    hash TEXT NOT NULL,
    payload TEXT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (purpose, hash)
);

CREATE INDEX one_time_expires ON one_time (purpose, expires);

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    hash TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    last_used BIGINT
);

CREATE TABLE audit_log (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    address TEXT
);

CREATE INDEX audit_log_at ON audit_log (at);
