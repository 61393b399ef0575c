// Loaded into a coordinator before its program: takes out the protection that MOSAIC_CHAOS_SABOTAGE names.
import { register } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { SABOTAGES } from './sabotages.mjs';

const name = process.env['MOSAIC_CHAOS_SABOTAGE'] ?? '';
const dist = dirname(process.env['MOSAIC_CHAOS_PROGRAM'] ?? '');
const sabotage = SABOTAGES[name];
if (sabotage === undefined) throw new Error(`There is no sabotage "${name}": ${Object.keys(SABOTAGES).join(', ')}`);

const edits = Object.entries(sabotage.files).map(([file, replace]) => ({
  url: pathToFileURL(join(dist, file)).href,
  replace,
}));
register('./sabotage-hooks.mjs', import.meta.url, { data: { edits } });
