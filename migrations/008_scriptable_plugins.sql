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

CREATE FUNCTION announce_interface_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rustbill_plugins', COALESCE(NEW.id, OLD.id));
    RETURN NULL;
END $$;
CREATE TRIGGER plugin_interfaces_changed AFTER INSERT OR DELETE OR UPDATE OF script_source, config, enabled
    ON plugin_interfaces FOR EACH ROW EXECUTE FUNCTION announce_interface_change();
