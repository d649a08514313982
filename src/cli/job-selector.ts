/** Which job a person means: its id, or as much of its beginning as no other job has. */
import type { Client } from '../shared/contract/client.ts';
import { Failure } from '../shared/errors.ts';

const page = 1000;
/** So many are named where it is not clear which is meant. */
const shown = 3;

/** The whole id. Throws `JOB_NOT_FOUND`, and `USAGE` where several jobs begin so. */
export async function selectJob(client: Client, given: string): Promise<string> {
  if (await exists(client, given)) return given;
  const found = await idsThatBegin(client, given);
  const [only, ...others] = found;
  if (only === undefined) throw new Failure('JOB_NOT_FOUND', { what: `No job is or begins with ${given}`, safe: 'Nothing was changed', next: 'See "cyberbackup jobs" for the ids; old jobs are removed from the history' });
  if (others.length === 0) return only;
  const more = found.length > shown ? ' and others' : '';
  throw new Failure('USAGE', { what: `Several jobs begin with ${given}: ${found.slice(0, shown).join(', ')}${more}`, safe: 'Nothing was changed', next: 'Give more of the id' });
}

async function exists(client: Client, id: string): Promise<boolean> {
  try {
    await client.get_job({ job_id: id });
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === 'JOB_NOT_FOUND') return false;
    throw error;
  }
}

/** Not all of them: enough to tell that it is not clear. */
async function idsThatBegin(client: Client, prefix: string): Promise<string[]> {
  const found: string[] = [];
  let before: string | undefined;
  for (;;) {
    const { jobs } = await client.list_jobs({ limit: page, ...(before === undefined ? {} : { before }) });
    found.push(...jobs.map(({ job_id }) => job_id).filter((id) => id.startsWith(prefix)));
    before = jobs.at(-1)?.job_id;
    if (jobs.length < page || before === undefined || found.length > shown) return found;
  }
}
