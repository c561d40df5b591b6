-- Plugins are scripts: the source an interface runs, and a store of its own per interface.

ALTER TABLE plugin_interfaces ADD COLUMN script_source text NOT NULL DEFAULT '';
-- Raised by every change of source or configuration: other servers see it and compile anew.
ALTER TABLE plugin_interfaces ADD COLUMN revision bigint NOT NULL DEFAULT 1;
-- What a running script depends on, in one word: asked for before calls, so it is stored, not hashed
-- each time. It also changes when somebody edits the row by hand and forgets the revision.
ALTER TABLE plugin_interfaces ADD COLUMN fingerprint text NOT NULL GENERATED ALWAYS AS (
    revision::text || ':' || md5(script_source || E'\x01' || config::text || E'\x01' || config_schema::text || E'\x01' || name)
) STORED;

CREATE TABLE plugin_kv (
    interface_id text NOT NULL REFERENCES plugin_interfaces ON DELETE CASCADE,
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 256),
    value        text NOT NULL CHECK (octet_length(value) <= 65536),
    -- For compare-and-set.
    version      bigint NOT NULL DEFAULT 1,
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (interface_id, key)
);

-- What an interface keeps there, counted as it changes: no write has to count the table, and of two that
-- arrive at once the second waits for the first one's figures. Its checks are the store's bounds.
CREATE TABLE plugin_kv_usage (
    interface_id text PRIMARY KEY REFERENCES plugin_interfaces ON DELETE CASCADE,
    keys         bigint NOT NULL CONSTRAINT plugin_kv_keys_max CHECK (keys BETWEEN 0 AND 200000),
    -- Of keys and values.
    bytes        bigint NOT NULL CONSTRAINT plugin_kv_bytes_max CHECK (bytes BETWEEN 0 AND 134217728)
);

-- Once for each statement, so that an interface of many keys goes as fast as one of few.
CREATE FUNCTION count_plugin_kv_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO plugin_kv_usage AS usage (interface_id, keys, bytes)
    SELECT interface_id, count(*), sum(octet_length(key) + octet_length(value)) FROM added
    GROUP BY interface_id ORDER BY interface_id
    ON CONFLICT (interface_id) DO UPDATE
    SET keys = usage.keys + EXCLUDED.keys, bytes = usage.bytes + EXCLUDED.bytes;
    RETURN NULL;
END $$;
CREATE FUNCTION count_plugin_kv_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE plugin_kv_usage AS usage SET keys = usage.keys + change.keys, bytes = usage.bytes + change.bytes
    FROM (
        SELECT interface_id, sum(one) AS keys, sum(size) AS bytes FROM (
            SELECT interface_id, 1 AS one, octet_length(key) + octet_length(value) AS size FROM changed_to
            UNION ALL
            SELECT interface_id, -1, -octet_length(key) - octet_length(value) FROM changed_from
        ) AS both_sides GROUP BY interface_id
    ) AS change
    WHERE usage.interface_id = change.interface_id AND (change.keys <> 0 OR change.bytes <> 0);
    RETURN NULL;
END $$;
CREATE FUNCTION count_plugin_kv_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE plugin_kv_usage AS usage SET keys = usage.keys - gone.keys, bytes = usage.bytes - gone.bytes
    FROM (
        SELECT interface_id, count(*) AS keys, sum(octet_length(key) + octet_length(value)) AS bytes
        FROM removed GROUP BY interface_id
    ) AS gone
    WHERE usage.interface_id = gone.interface_id;
    RETURN NULL;
END $$;
CREATE TRIGGER plugin_kv_added AFTER INSERT ON plugin_kv
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_plugin_kv_added();
CREATE TRIGGER plugin_kv_changed AFTER UPDATE ON plugin_kv
    REFERENCING OLD TABLE AS changed_from NEW TABLE AS changed_to
    FOR EACH STATEMENT EXECUTE FUNCTION count_plugin_kv_changed();
CREATE TRIGGER plugin_kv_removed AFTER DELETE ON plugin_kv
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_plugin_kv_removed();

CREATE FUNCTION announce_interface_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rustbill_plugins', COALESCE(NEW.id, OLD.id));
    RETURN NULL;
END $$;
CREATE TRIGGER plugin_interfaces_changed AFTER INSERT OR DELETE OR UPDATE OF script_source, config, enabled
    ON plugin_interfaces FOR EACH ROW EXECUTE FUNCTION announce_interface_change();
