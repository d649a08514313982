/** Specs in front of the scripted agent: what no real agent shows on demand, in the browser, at a fixed time. */
import type { Page } from '@playwright/test';
import { test as base } from '../fixtures.ts';
import { ScriptedAgent } from '../support/scripted-agent.ts';
import type { ScriptedAnswers } from '../support/scripted-agent.ts';
import type { Job } from '../../src/shared/contract/schemas/job.ts';
import { busyJobs, calmAnswers, calmJobs, emptyAnswers, householdAnswers, now, servingAnswers, servingJobs } from '../support/scripted-world.ts';

export { expect } from '@playwright/test';

export type WorldName = 'busy' | 'calm' | 'empty' | 'serving';

export interface ScriptedApp {
  readonly agent: ScriptedAgent;
  readonly page: Page;
}

interface Fixtures {
  /** Opens the interface at a path. */
  readonly show: (path: string, world: WorldName | { readonly jobs: readonly Job[]; readonly answers: ScriptedAnswers }) => Promise<ScriptedApp>;
}

const worlds = { busy: { jobs: busyJobs, answers: householdAnswers }, calm: { jobs: calmJobs, answers: calmAnswers }, empty: { jobs: [], answers: emptyAnswers }, serving: { jobs: servingJobs, answers: servingAnswers } } as const;

export const test = base.extend<Fixtures>({
  show: async ({ context, host }, use, info) => {
    info.skip(host === 'desktop', 'the scripted agent is for browsers');
    const agents: ScriptedAgent[] = [];
    await use(async (path, world) => {
      const { jobs, answers } = typeof world === 'string' ? worlds[world] : world;
      const agent = await ScriptedAgent.start(jobs, answers);
      agents.push(agent);
      const page = await context.newPage();
      await page.clock.install({ time: now });
      await page.goto(agent.address(path));
      return { agent, page };
    });
    for (const agent of agents) await agent.stop();
  },
});
