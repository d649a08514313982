/** The sentences of a job's error one by one, as JSON, beside the message that joins them. */
export const errorParts = `
  ALTER TABLE jobs ADD COLUMN error_parts TEXT;
`;
