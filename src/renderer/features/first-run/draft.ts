/** What the person has decided in the wizard so far, and what it becomes. */
import type { Client } from '../../../shared/contract/client.ts';
import type { ExcludePreset, Plan } from '../../../shared/contract/schemas/plan.ts';
import { exactPattern } from '../paths/exact-pattern.ts';

export type DestinationKind = 'server' | 'drive' | 'computer';

export interface Draft {
  readonly paths: readonly string[];
  readonly presets: readonly ExcludePreset[];
  readonly kind: DestinationKind;
  readonly address: string;
  readonly user: string;
  readonly serverPassword: string;
  /** Folder for the copies on a drive. */
  readonly folder: string;
  /** The certificate that the person has compared. */
  readonly fingerprint: string | undefined;
  readonly password: string;
  /** Whether the password was made here, not typed. */
  readonly generated: boolean;
  readonly sheetSaved: boolean;
}

/** URL of the repository; undefined for the one of this computer, and while the address is none. */
export function repositoryUrl({ kind, address, user, serverPassword, folder }: Pick<Draft, 'kind' | 'address' | 'user' | 'serverPassword' | 'folder'>): string | undefined {
  if (kind === 'computer') return undefined;
  if (kind === 'drive') return folder === '' ? undefined : folder;
  const text = address.trim();
  if (text === '') return undefined;
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || url.hostname === '') return undefined;
  if (user !== '') {
    // A server gives each user a folder of that name.
    if (url.pathname === '/') url.pathname = `/${encodeURIComponent(user)}/`;
    url.username = encodeURIComponent(user);
    url.password = encodeURIComponent(serverPassword);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return `rest:${url.href}`;
}

/** The URL as it may be shown. */
export function shownUrl(url: string): string {
  return url.replace(/^rest:(https?:\/\/)(?:[^@/]*@)?/, '$1');
}

export interface Start {
  readonly draft: Draft;
  /** Smallest first. */
  readonly paths: readonly string[];
  /** Of the place for the copies, where one is known already. */
  readonly existing: 'none' | 'copies' | 'default';
  /** Folders of the destination within the chosen ones. */
  readonly leaveOut: readonly string[];
  readonly planName: string;
}

/** Makes the repository and the plan, and starts two jobs: the smallest folder alone, then everything. Failures as the operations have them; done again, it goes on. */
export async function startFirstBackup(client: Client, { draft, paths, existing, leaveOut, planName }: Start): Promise<void> {
  const repositoryId = await makeRepository(client, draft, existing);
  const content = {
    name: planName,
    repository_id: repositoryId,
    paths: [...draft.paths],
    excludes: { presets: [...draft.presets], patterns: leaveOut.map(exactPattern) },
    schedule: { kind: 'hours' as const, every: 1 },
  };
  const { plans } = await client.list_plans();
  const known = plans.find((plan) => isSameWish(plan, content));
  const plan = known ?? (await client.add_plan({ ...content, name: freeName(planName, new Set(plans.map(({ name }) => name))) }));
  const [first] = paths;
  if (first !== undefined && paths.length > 1) await client.start_backup({ paths: [first], plan_id: plan.plan_id, priority: 10 });
  await client.start_backup({ paths: [...draft.paths], plan_id: plan.plan_id });
}

/** Whether a plan is what an earlier try of this made. Any other plan is the person's, and stays as it is. */
function isSameWish(plan: Plan, wish: Pick<Plan, 'repository_id' | 'paths'>): boolean {
  return plan.enabled && plan.repository_id === wish.repository_id && plan.paths.length === wish.paths.length && plan.paths.every((path) => wish.paths.includes(path));
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!taken.has(name)) return name;
  }
}

async function makeRepository(client: Client, draft: Draft, existing: Start['existing']): Promise<string> {
  const url = repositoryUrl(draft);
  if (url === undefined) return (await client.set_up_default_repository(existing === 'default' ? {} : { password: draft.password })).repository_id;
  const shown = url.replace(/^rest:(https?:\/\/)[^@/]*@/, 'rest:$1');
  const known = (await client.list_repositories()).repositories.find((repository) => repository.url === shown || `${repository.url}/` === shown);
  if (known !== undefined) return known.repository_id;
  const added = await client.add_repository({ url, password: draft.password, create: existing !== 'copies', ...(draft.fingerprint === undefined ? {} : { certificate_fingerprint: draft.fingerprint }) });
  return added.repository_id;
}
