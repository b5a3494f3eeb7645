-- The Google Workspace that a tenant authorised us in (JSON).
ALTER TABLE tenants ADD COLUMN google TEXT;
