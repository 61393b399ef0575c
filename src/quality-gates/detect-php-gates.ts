import { detected, firstOf, REPORT_NAME, type DetectedGate, type ReadBaseFile } from './detected-gate.js';
import { objectOf, parsedObject } from './parsed-object.js';

/** The gates of a Composer project: PHPUnit, and PHPStan as a gate of its own, each where the project names it. */
export async function detectPhpGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  const text = await read('composer.json');
  if (text === null) return [];
  const manifest = parsedObject(text);
  const packages = { ...objectOf(manifest['require']), ...objectOf(manifest['require-dev']) };
  const settings = await firstOf(read, ['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml']);
  const phpunit = settings
    ? `a ${settings.path}`
    : 'phpunit/phpunit' in packages
      ? 'phpunit/phpunit in composer.json'
      : null;
  const phpstan = await firstOf(read, ['phpstan.neon', 'phpstan.neon.dist', 'phpstan.dist.neon']);
  const report = `${REPORT_NAME}.xml`;
  const gates = [
    ...(phpstan
      ? [detected(['types', 'lint'], ['php', 'vendor/bin/phpstan', 'analyse', '--no-progress'], `a ${phpstan.path}`)]
      : []),
    ...(phpunit === null
      ? []
      : [detected('test', ['php', 'vendor/bin/phpunit', '--log-junit', report], phpunit, report)]),
  ];
  const isLocked = (await read('composer.lock')) !== null;
  if (gates.length === 0 || !isLocked) return gates;
  const quietly = ['--no-interaction', '--no-progress', '--no-scripts', '--no-plugins'];
  return [detected('setup', ['composer', 'install', ...quietly], 'composer.lock'), ...gates];
}
