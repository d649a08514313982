/** What a backup that ended could not save, item by item: beside the jobs, so that lists of jobs stay light. */
export const skippedItems = `
  CREATE TABLE skipped_items (
    job TEXT NOT NULL,
    position INTEGER NOT NULL,
    path TEXT NOT NULL,
    during TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (job, position)
  ) WITHOUT ROWID;
  CREATE TRIGGER skipped_items_go_with_their_job AFTER DELETE ON jobs BEGIN
    DELETE FROM skipped_items WHERE job = OLD.id;
  END;
`;
