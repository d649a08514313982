/** This machine as a person who chooses sees it: places, folders, sizes. File content is never read. */
import { z } from 'zod';
import { operation } from '../operation.ts';
import { identifier, success } from '../schemas/common.ts';
import { folderEntry, localPath, machine, measure, newMeasure, place, restoreTarget } from '../schemas/machine.ts';

const oneMeasure = z.strictObject({ measure_id: identifier });

export const machineOperations = {
  get_machine: operation({ method: 'GET', path: '/api/machine', description: 'Names this machine, its user and the folders of the program.', input: z.strictObject({}), output: machine, errors: [] }),
  list_places: operation({
    method: 'GET',
    path: '/api/places',
    description: 'Folders to start choosing from: those of the person, and drives.',
    input: z.strictObject({}),
    output: z.strictObject({ places: z.array(place) }),
    errors: [],
  }),
  list_folder: operation({
    method: 'GET',
    path: '/api/folder',
    description: 'A folder of this machine, page by page: folders first, by name.',
    input: z.strictObject({
      path: localPath,
      hidden: z.boolean().default(false),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    output: z.strictObject({ path: z.string(), parent: z.string().nullable(), total: z.number().int().nonnegative(), entries: z.array(folderEntry) }),
    errors: ['PATH_NOT_FOUND', 'PATH_UNREADABLE'],
  }),
  look_at_target: operation({
    method: 'GET',
    path: '/api/restore_target',
    description: 'Says what is in a folder that a restore is to write into, and how much room there is.',
    input: z.strictObject({ path: localPath }),
    output: restoreTarget,
    errors: [],
  }),
  start_measure: operation({
    method: 'POST',
    path: '/api/measures',
    description: 'Begins to count the files and bytes of paths; a count that nobody asks for any more ends by itself.',
    input: newMeasure,
    output: measure,
    status: 202,
    errors: ['REPOSITORY_NOT_FOUND'],
  }),
  get_measure: operation({ method: 'GET', path: '/api/measures/{measure_id}', description: 'How far a count has come.', input: oneMeasure, output: measure, errors: ['MEASURE_NOT_FOUND'] }),
  cancel_measure: operation({ method: 'DELETE', path: '/api/measures/{measure_id}', description: 'Ends a count and forgets it.', input: oneMeasure, output: success, errors: ['MEASURE_NOT_FOUND'] }),
} as const;
