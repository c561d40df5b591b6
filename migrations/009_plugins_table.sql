-- Plugin definitions as the scanner found them in plugins_dir, apart from their uses.

CREATE TABLE plugins (
    plugin_type   text NOT NULL CHECK (plugin_type IN ('Notifier', 'Gateway', 'UpstreamProvider', 'FirstPartyProvider')),
    plugin_id     text NOT NULL CHECK (plugin_id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    name          text NOT NULL,
    description   text NOT NULL DEFAULT '',
    version       text NOT NULL DEFAULT '',
    manifest      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(manifest) = 'object'),
    config_schema jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(config_schema) = 'object'),
    script_source text NOT NULL,
    source_hash   bytea NOT NULL,
    -- Modification time of the file the row came from: a newer file beats an older row.
    file_mtime    timestamptz,
    load_error    text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (plugin_type, plugin_id)
);
CREATE UNIQUE INDEX plugins_id ON plugins (plugin_id);
