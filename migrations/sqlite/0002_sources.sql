-- Where a tenant's reports may come from (JSON), and how much raw mail is kept for it.
ALTER TABLE tenants ADD COLUMN sources TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tenants ADD COLUMN quota_octets INTEGER;

-- Claims of a segment that no record followed; the run of the program that claimed it last; the
-- place of the mail that is judged; and how often the program ended under which mail (JSON).
ALTER TABLE segments ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN run INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN trial INTEGER;
ALTER TABLE segments ADD COLUMN suspects TEXT NOT NULL DEFAULT '{}';
