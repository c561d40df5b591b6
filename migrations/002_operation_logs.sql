-- Operation log: who did what to which object, and what changed. Append-only.

CREATE TABLE operation_logs (
    id          uuid PRIMARY KEY,
    user_id     uuid,
    actor_kind  text NOT NULL CHECK (actor_kind IN ('admin', 'customer', 'api_key', 'system', 'cli')),
    customer_id uuid,
    action      text NOT NULL,
    object_type text NOT NULL,
    object_id   text NOT NULL,
    -- Old and new values; never a secret.
    changes     jsonb NOT NULL DEFAULT '{}',
    request_id  text NOT NULL DEFAULT '',
    ip          text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX operation_logs_recent ON operation_logs (created_at DESC);
CREATE INDEX operation_logs_object ON operation_logs (object_type, object_id, created_at DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON operation_logs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
