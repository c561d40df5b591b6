-- Second factors of users: a secret for an authenticator app, passkeys, recovery codes.
-- All of a user's rows change under the lock of his row in users.

CREATE TABLE user_totp_secrets (
    user_id       uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    -- "sealed:v1:…", see plugin/secret_box.
    sealed_secret text NOT NULL,
    -- The thirty seconds (since 1970) of the last code that was taken: none is good twice.
    last_step     bigint NOT NULL,
    created_at    timestamptz NOT NULL
);

CREATE TABLE user_passkeys (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    credential_id bytea NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
    -- The name of the site it was made for, and works at alone.
    relying_party text NOT NULL,
    -- COSE: ES256, RS256.
    algorithm     integer NOT NULL CHECK (algorithm IN (-7, -257)),
    public_key    bytea NOT NULL,
    sign_count    bigint NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz
);
CREATE INDEX user_passkeys_user ON user_passkeys (user_id, created_at, id);

-- A code that was used is gone.
CREATE TABLE user_recovery_codes (
    user_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (user_id, code_hash)
);

-- Codes that were wrong although the password was right.
CREATE TABLE user_wrong_codes (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    count   integer NOT NULL CHECK (count > 0),
    since   timestamptz NOT NULL
);

-- Challenges of passkeys that somebody signed in with: none is good twice. Kept for a while after
-- they expire: servers' clocks differ.
CREATE TABLE spent_passkey_challenges (
    challenge_hash bytea PRIMARY KEY CHECK (length(challenge_hash) = 32),
    expires_at     timestamptz NOT NULL
);
CREATE INDEX spent_passkey_challenges_end ON spent_passkey_challenges (expires_at);

-- One row: what holds for everybody who signs in, whatever a server's configuration file says.
CREATE TABLE sign_in_policy (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    -- An administrator without a second factor may do nothing but set one up.
    admins_need_second_factor boolean NOT NULL DEFAULT false
);
INSERT INTO sign_in_policy DEFAULT VALUES;
