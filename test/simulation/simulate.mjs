// Runs main.ts as it is: `npm run simulate -- --seeds 1000 --steps 500`, or `--seed 17 --trace` for one again.
import { register } from 'node:module';

register('./typescript-loader.mjs', import.meta.url);
await import('./main.ts');
