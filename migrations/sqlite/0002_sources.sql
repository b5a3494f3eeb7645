-- Where a tenant's reports may come from (JSON), and how much raw mail is kept for it.
ALTER TABLE tenants ADD COLUMN sources TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tenants ADD COLUMN quota_octets INTEGER;
