import { describe, expect, it } from '@jest/globals';
import { restoredPyproject } from './restored-pyproject.js';

const BASE = `[project]
name = "x"
dependencies = ["requests"]

[tool.pytest.ini_options]
addopts = "--strict"

[tool.poetry.dependencies]
requests = "1"

[[tool.mypy.overrides]] # two
module = "a"
`;

describe('restoredPyproject', () => {
  it('lets packages be added beside settings that stay', () => {
    const head = BASE.replace('["requests"]', '[\n  "requests",\n  "numpy",\n]').replace(
      'requests = "1"',
      'numpy = "2"',
    );

    expect(restoredPyproject(BASE, head)).toBeNull();
  });

  it('puts the settings of tools back, and keeps packages', () => {
    const head =
      BASE.replace('--strict', '-k nothing').replace('"requests"]', '"numpy"]') + '\n[tool.ruff]\nignore = ["E"]\n';

    expect(restoredPyproject(BASE, head)).toBe(`[tool.pytest.ini_options]
addopts = "--strict"

[[tool.mypy.overrides]] # two
module = "a"

[project]
name = "x"
dependencies = ["numpy"]

[tool.poetry.dependencies]
requests = "1"
`);
  });

  it('puts a table back that was taken away, and takes away one that the base commit does not have', () => {
    expect(restoredPyproject('[tool.ruff]\nselect = []\n', '[project]\nname = "x"\n')).toBe(
      '[tool.ruff]\nselect = []\n\n[project]\nname = "x"\n',
    );
    expect(restoredPyproject('', '# mine\n\n[tool.coverage.run]\nomit = ["*"]\n[build-system]\nrequires = []\n')).toBe(
      '[build-system]\nrequires = []\n',
    );
    expect(
      restoredPyproject('', '[tool.uv.sources]\npytest = { path = "fake" }\n[tool.uv]\ndev-dependencies = []\n'),
    ).toBe('[tool.uv]\ndev-dependencies = []\n');
  });

  it.each([
    ['a header with spaces before it', `  [tool.pytest.ini_options]\naddopts = ""\n${BASE}`],
    ['a quoted header', `${BASE}["tool".ruff]\n`],
    ['a key before all tables', `tool.ruff.ignore = ["E"]\n${BASE}`],
  ])('is the whole of the base commit where there is %s', (_name, head) => {
    expect(restoredPyproject(BASE, head)).toBe(BASE);
  });

  it('is not deceived by tables inside a text', () => {
    const hidden = '[project]\ndescription = """\n[tool.ruff]\nselect = ["ALL"]\n\n[build-system]\n"""\n';

    const text = restoredPyproject('[tool.ruff]\nselect = ["ALL"]\n', hidden);

    expect(text).toMatch(/^\[tool\.ruff\]\nselect = \["ALL"\]\n\n\[project\]/);
  });

  it('is nothing where the texts are the same, understood or not', () => {
    expect(restoredPyproject('a = 1\n', 'a = 1\n')).toBeNull();
    expect(restoredPyproject('[project]\nx = """y"""\n', '[project]\nx = """y"""\n')).toBeNull();
  });
});
