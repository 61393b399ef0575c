import { detected, firstOf, type DetectedGate, type ReadBaseFile } from './detected-gate.js';
import type { GateDefinition } from './quality-gates.types.js';

/**
 * The gates of a Maven or Gradle build. Its own wrapper is taken first, because it names the version; it is run by the
 * shell, because a checkout may have lost its mark as a program.
 */
export async function detectJavaGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  if ((await read('pom.xml')) !== null) return mavenGates(read);
  const build = await firstOf(read, ['settings.gradle', 'settings.gradle.kts', 'build.gradle', 'build.gradle.kts']);
  return build ? gradleGates(read, build.path) : [];
}

async function mavenGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  const [maven, by] = await wrapped(read, 'mvnw', 'mvn');
  const why = `a pom.xml at the top${by}`;
  const run = (...words: readonly string[]): GateDefinition['argv'] => [...maven, '-B', '-ntp', ...words];
  return [
    detected('setup', run('-q', 'dependency:go-offline'), why),
    detected('build', run('-q', 'test-compile'), why),
    // One failed module must not hide the tests of the others.
    detected('test', run('--fail-at-end', 'test'), why, '**/target/surefire-reports/TEST-*.xml'),
  ];
}

async function gradleGates(read: ReadBaseFile, found: string): Promise<readonly DetectedGate[]> {
  const [gradle, by] = await wrapped(read, 'gradlew', 'gradle');
  const why = `a ${found} at the top${by}`;
  // A daemon would be a process that is left behind.
  const run = (...words: readonly string[]): GateDefinition['argv'] => [...gradle, '--no-daemon', ...words];
  return [
    detected('setup', run('--quiet', 'dependencies'), why),
    detected('build', run('assemble', 'testClasses'), why),
    detected('test', run('--continue', 'test'), why, '**/build/test-results/test/TEST-*.xml'),
  ];
}

async function wrapped(
  read: ReadBaseFile,
  wrapper: string,
  program: string,
): Promise<readonly [argv: GateDefinition['argv'], by: string]> {
  return (await read(wrapper)) === null ? [[program], ''] : [['sh', `./${wrapper}`], ` with its ${wrapper}`];
}
