import { detected, firstOf, REPORT_NAME, type DetectedGate, type ReadBaseFile } from './detected-gate.js';

/** Files of a .NET repository whose names are always the same; a solution's and a project's own are not. */
const SIGNS = ['global.json', 'Directory.Build.props', 'Directory.Packages.props', 'nuget.config', 'NuGet.config'];

/** The gates of a .NET repository whose top folder holds one solution or one project. */
export async function detectDotnetGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  const sign = await firstOf(read, SIGNS);
  if (!sign) return [];
  const why = `a ${sign.path} at the top`;
  const isLocked = (await read('packages.lock.json')) !== null;
  // Servers that wait for the next build would be processes that are left behind.
  const alone = ['-nodeReuse:false', '-p:UseSharedCompilation=false'];
  const test = ['--no-build', '--logger', 'trx', '--results-directory', REPORT_NAME, '-nodeReuse:false'];
  return [
    detected('setup', ['dotnet', 'restore', ...(isLocked ? ['--locked-mode'] : []), ...alone.slice(0, 1)], why),
    detected('build', ['dotnet', 'build', '--no-restore', ...alone], why),
    detected('test', ['dotnet', 'test', ...test], why, `${REPORT_NAME}/*.trx`),
  ];
}
