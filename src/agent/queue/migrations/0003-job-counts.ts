/** How many jobs there are in each state, kept by triggers: counting a long history takes too long for every event. */
export const jobCounts = `
  CREATE TABLE job_counts (state TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO job_counts (state, jobs)
    SELECT column1, (SELECT count(*) FROM jobs WHERE state = column1) FROM (VALUES ('queued'), ('running'), ('paused'), ('waiting'), ('done'));
  CREATE TRIGGER jobs_come AFTER INSERT ON jobs BEGIN
    UPDATE job_counts SET jobs = jobs + 1 WHERE state = NEW.state;
  END;
  CREATE TRIGGER jobs_go AFTER DELETE ON jobs BEGIN
    UPDATE job_counts SET jobs = jobs - 1 WHERE state = OLD.state;
  END;
  CREATE TRIGGER jobs_change AFTER UPDATE OF state ON jobs WHEN OLD.state <> NEW.state BEGIN
    UPDATE job_counts SET jobs = jobs - 1 WHERE state = OLD.state;
    UPDATE job_counts SET jobs = jobs + 1 WHERE state = NEW.state;
  END;
`;
