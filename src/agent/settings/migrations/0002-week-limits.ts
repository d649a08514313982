/** Version 3 has limits by the hours of the week, and which notifications are wanted. Both have defaults: nothing changes, but an older program must not read it. */
import { z } from 'zod';
import { migration } from '../migration.ts';

export const weekLimitsBegin = migration(2, z.looseObject({ settings: z.looseObject({}) }), (document) => document);
