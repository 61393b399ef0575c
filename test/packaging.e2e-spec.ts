import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { MEASURED_SDK } from '../src/agents/runtimes/claude/load-claude-sdk.js';
import { VARIABLES } from '../src/config/index.js';
import { probeFailure } from '../src/sandbox/probe-failure.js';
import { captures, documents, filesUnder, readDocument, REPOSITORY } from './support/documents.js';

const PACKAGE = JSON.parse(readDocument('package.json')) as {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

interface ComposeService {
  readonly image?: string;
  readonly build?: string;
  readonly env_file?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly read_only?: boolean;
  readonly security_opt?: readonly string[];
}

/** The instructions of the Dockerfile, with continued lines joined. */
function instructions(): readonly (readonly [name: string, rest: string])[] {
  return readDocument('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return [name, rest];
    });
}

function restsOf(wanted: string): readonly string[] {
  return instructions()
    .filter(([name]) => name === wanted)
    .map(([, rest]) => rest);
}

describe('the Dockerfile', () => {
  it('copies only what is there and is sent to the builder', () => {
    const sources = restsOf('COPY')
      .filter((rest) => !rest.startsWith('--from='))
      .flatMap((rest) => rest.split(' ').slice(0, -1));
    const sent = readDocument('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));

    expect(sources.length).toBeGreaterThan(8);
    expect(sources.filter((source) => !existsSync(join(REPOSITORY, source)))).toEqual([]);
    expect([...sent].sort()).toEqual([...new Set(sources)].sort());
  });

  it('copies from its own stages only', () => {
    const stages = restsOf('FROM').flatMap((rest) => / AS (\w+)$/.exec(rest)?.[1] ?? []);
    const from = restsOf('COPY').flatMap((rest) => /^--from=(\w+)/.exec(rest)?.[1] ?? []);

    expect([...from].sort()).toEqual([...stages].sort());
  });

  it('pins its base to one exact version of Node, which the package supports', () => {
    const images = new Set(restsOf('FROM').map((rest) => rest.split(' ')[0]));

    expect([...images]).toEqual([expect.stringMatching(/^node:20\.(?:19|[2-9]\d)\.\d+-bookworm-slim$/)]);
  });

  it('builds with everything, and ships without what is for development', () => {
    expect(restsOf('RUN').slice(0, 3)).toEqual(['npm ci', 'npm run build', 'npm ci --omit=dev --ignore-scripts']);
  });

  it('starts the program of the package, so that signals reach it', () => {
    const [command] = restsOf('CMD');

    expect(JSON.parse(command ?? '')).toEqual(['node', ...Object.values(PACKAGE.bin)]);
    expect(PACKAGE.scripts['start']).toBe(`node ${PACKAGE.bin['mosaic-coordinator']}`);
    expect(restsOf('ENTRYPOINT')).toEqual(['["tini", "--"]']);
    expect(restsOf('RUN').join('\n')).toMatch(/apt-get install .*\bbubblewrap\b.*\bgit\b.*\btini\b/);
  });

  it('runs as a user without rights, and keeps its data in a volume of that user', () => {
    const names = instructions().map(([name]) => name);

    expect(restsOf('USER')).toEqual(['node']);
    expect(names.indexOf('USER')).toBeGreaterThan(names.lastIndexOf('RUN'));
    expect(restsOf('VOLUME')).toEqual(['/data']);
    expect(restsOf('RUN').join('\n')).toContain('--owner=node --group=node --mode=0700 /data');
    expect(restsOf('ENV').join(' ')).toContain('DATA_FOLDER=/data');
  });

  it('asks the liveness route whether it is healthy', () => {
    const [check = ''] = restsOf('HEALTHCHECK');
    const command = JSON.parse(check.slice(check.indexOf('['))) as string[];

    expect(command.slice(0, 2)).toEqual(['node', '-e']);
    expect(command[2]).toContain('/health/live');
  });
});

describe('docker-compose.yml', () => {
  const { services, networks, volumes } = parse(readDocument('docker-compose.yml')) as {
    readonly services: Readonly<Record<'gitea' | 'coordinator', ComposeService>>;
    readonly networks: object;
    readonly volumes: object;
  };

  it('gives the coordinator variables that it knows', () => {
    const given = Object.keys(services.coordinator.environment);

    expect(given.length).toBeGreaterThan(2);
    expect(VARIABLES.map(({ name }) => name)).toEqual(expect.arrayContaining(given));
    expect(services.coordinator).toMatchObject({ build: '.', env_file: '.env', read_only: true });
    expect(existsSync(join(REPOSITORY, `${services.coordinator.env_file}.example`))).toBe(true);
  });

  it('lets Gitea reach the coordinator, and the other way round', () => {
    expect(services.gitea.environment).toMatchObject({ GITEA__webhook__ALLOWED_HOST_LIST: 'private' });
    expect(services.coordinator.environment['GITEA_URL']).toBe('http://gitea:3000');
    expect(services.gitea.networks).toEqual(services.coordinator.networks);
    expect(Object.keys(networks)).toEqual(services.gitea.networks);
    expect(services.gitea.image).toMatch(/:\d+\.\d+\.\d+$/);
  });

  it('lets bubblewrap work, with the options that the service tells to whoever forbids it', () => {
    const { remedy } = probeFailure('bwrap: Creating new namespace failed: Operation not permitted');
    const told = captures(remedy, /--security-opt (\w+=\w+)/g);

    expect(told).toHaveLength(3);
    expect(services.coordinator.security_opt).toEqual(['no-new-privileges:true', ...told]);
  });

  it('keeps the data of both in volumes', () => {
    const mounted = [services.gitea, services.coordinator].flatMap((service) => service.volumes);

    expect(mounted).toEqual(['gitea:/data', 'coordinator:/data']);
    expect(Object.keys(volumes)).toEqual(mounted.map((volume) => volume.split(':')[0]));
  });
});

describe('the package', () => {
  it('has exact versions of what it brings', () => {
    const versions = Object.values({ ...PACKAGE.dependencies, ...PACKAGE.devDependencies });

    expect(versions.length).toBeGreaterThan(10);
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('says of every dependency why it is there', () => {
    const reasons = readDocument('docs/decisions/0008-dependencies.md');

    const unexplained = Object.keys(PACKAGE.dependencies).filter((name) => !reasons.includes(`\`${name}\``));
    expect(unexplained).toEqual([]);
  });

  it('lists files that are there or are built', () => {
    const missing = PACKAGE.files.filter((file) => file !== 'dist' && !existsSync(join(REPOSITORY, file)));

    expect(missing).toEqual([]);
    expect(readDocument('LICENSE')).toContain('Copyright (c) 2026 Mosaic Coordinator contributors');
  });

  it('has a page for every decision, and lists each', () => {
    const pages = filesUnder('docs/decisions', '.md').filter((path) => !path.endsWith('README.md'));
    const listed = captures(readDocument('docs/decisions/README.md'), /\]\((.+\.md)\)/g);

    expect(pages.length).toBeGreaterThan(9);
    expect(listed.map((page) => `docs/decisions/${page}`)).toEqual(pages);
  });

  it('names the Claude Agent SDK by the version that was measured, wherever it names one', () => {
    const files = [...documents(), ...filesUnder('.ci', '')];
    const named = files.flatMap((file) => captures(readDocument(file), /claude-agent-sdk@(\d[\w.-]*)/g));

    expect(named.length).toBeGreaterThan(2);
    expect(new Set(named)).toEqual(new Set([MEASURED_SDK]));
    expect(readDocument('.ci/install-claude.mjs')).toContain(
      "const SOURCE = 'src/agents/runtimes/claude/load-claude-sdk.ts'",
    );
  });

  it('can be checked by one executable script', () => {
    expect(statSync(join(REPOSITORY, '.ci/run')).mode & 0o111).toBe(0o111);
    expect(PACKAGE.scripts['check']).toBe('.ci/run --no-install');
  });
});
