-- JSON Schema of an interface's configuration, as its plugin declares it.

ALTER TABLE plugin_interfaces ADD COLUMN config_schema jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(config_schema) = 'object');
