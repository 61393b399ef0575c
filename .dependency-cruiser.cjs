// Turns module-boundaries.cjs and part-boundaries.cjs into rules.
const allowed = require('./module-boundaries.cjs');
const parts = require('./part-boundaries.cjs');

const folder = (name) => `^src/${name}/`;
const entry = (name) => `^src/${name}/index\\.ts$`;
const names = Object.keys(allowed);

const directionRules = Object.entries(allowed).map(([name, imports]) => ({
  name: `${name}-imports`,
  comment: `src/${name} may import ${['kernel', ...imports].join(', ')}. See module-boundaries.cjs.`,
  severity: 'error',
  from: { path: folder(name) },
  to: { path: '^src/', pathNot: [folder(name), ...(name === 'kernel' ? [] : ['kernel', ...imports].map(entry))] },
}));

const part = (name) => `^src/orchestration/${name}/`;

const partRules = Object.entries(parts).map(([name, imports]) => ({
  name: `orchestration-${name}-imports`,
  comment: `src/orchestration/${name} may import ${imports.join(', ') || 'no other folder'}. See part-boundaries.cjs.`,
  severity: 'error',
  from: { path: part(name), pathNot: '\\.spec\\.ts$' },
  to: { path: '^src/orchestration/[^/]+/', pathNot: [name, ...imports].map(part) },
}));

module.exports = {
  forbidden: [
    ...directionRules,
    ...partRules,
    {
      name: 'listed-parts-only',
      comment: 'A folder of src/orchestration is one of its parts: it stands in part-boundaries.cjs.',
      severity: 'error',
      from: { path: '^src/orchestration/[^/]+/', pathNot: Object.keys(parts).map(part) },
      to: {},
    },
    {
      name: 'listed-modules-only',
      comment: 'A folder of src is a module: it stands in module-boundaries.cjs, with what it may import.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: names.map(folder) },
      to: {},
    },
    {
      name: 'front-door-only',
      comment: 'The app imports modules through their index.ts too.',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: '^src/[^/]+/', pathNot: names.map(entry) },
    },
    {
      name: 'no-own-index',
      comment: 'A file imports its neighbours by name. Through their own index they form cycles.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/$1/index\\.ts$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-test-code-in-src',
      comment: 'What ships does not import tests.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: ['^test/', '\\.spec\\.ts$'] },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nobody imports is dead.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['^src/main\\.ts$', '^src/demo/main\\.ts$', '\\.spec\\.ts$'] },
      to: {},
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    // Tests are not looked at, but seen: an import of one is a fault.
    doNotFollow: { path: ['node_modules', '\\.spec\\.ts$'] },
  },
};
