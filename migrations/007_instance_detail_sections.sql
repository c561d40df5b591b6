-- The last detail sections and actions a provider gave for an instance, shown while it cannot be asked.

ALTER TABLE instances ADD COLUMN detail_sections jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(detail_sections) = 'array');
ALTER TABLE instances ADD COLUMN detail_sections_at timestamptz;
