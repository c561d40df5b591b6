-- Which customers may make API keys.

ALTER TABLE customers ADD COLUMN can_create_api_keys boolean NOT NULL DEFAULT false;
