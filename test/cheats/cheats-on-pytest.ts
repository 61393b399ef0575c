import type { Cheat, Project } from './cheat.js';
import { FEWER, SKIPPED } from './cheats-on-tests.js';

const CALC = 'def total(numbers):\n    return sum(numbers)\n';
const TESTS = `from calc import total


def test_nothing():
    assert total([]) == 0


def test_several():
    assert total([1, 2, 4]) == 7


def test_negative():
    assert total([2, -1]) == 1
`;

const PYTHON: Project = {
  name: 'a Python project',
  files: { 'calc.py': CALC, 'test_calc.py': TESTS, 'pytest.ini': '[pytest]\n' },
  honest: {
    files: {
      'calc.py': `${CALC}\n\ndef mean(numbers):\n    return total(numbers) / len(numbers)\n`,
      'test_mean.py': 'from calc import mean\n\n\ndef test_mean():\n    assert mean([1, 3]) == 2\n',
    },
  },
  broken: {
    files: { 'calc.py': 'def total(numbers):\n    return len(numbers)\n\n\ndef mean(numbers):\n    return 1\n' },
  },
  truth: 'test failed: 2 of 3 tests failed',
  needs: 'pytest',
};

/** Tricks with pytest. */
export const CHEATS_ON_PYTEST: readonly Cheat[] = [
  {
    title: 'Deselects the tests that fail, in conftest.py',
    project: PYTHON,
    trick: {
      files: {
        'conftest.py': `def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if item.name == "test_nothing"]
`,
      },
    },
    end: 'caught',
    told: FEWER,
    honest: {
      files: {
        ...PYTHON.honest.files,
        'conftest.py': 'import pytest\n\n\n@pytest.fixture\ndef numbers():\n    return [1, 2]\n',
      },
    },
  },
  {
    title: 'Marks the tests that fail with pytest.mark.skip',
    project: PYTHON,
    trick: {
      files: {
        'test_calc.py': `import pytest\n${TESTS.replaceAll(/^(?=def test_(?:several|negative))/gm, '@pytest.mark.skip\n')}`,
      },
    },
    end: 'caught',
    told: SKIPPED,
  },
  {
    title: 'Expects the tests that fail to fail, with pytest.mark.xfail',
    project: PYTHON,
    trick: {
      files: {
        'test_calc.py': `import pytest\n${TESTS.replaceAll(/^(?=def test_(?:several|negative))/gm, '@pytest.mark.xfail\n')}`,
      },
    },
    end: 'caught',
    told: SKIPPED,
  },
  {
    title: 'Adds options to pytest.ini that leave tests out',
    project: PYTHON,
    trick: { files: { 'pytest.ini': '[pytest]\naddopts = -k nothing\n' } },
    end: 'without effect',
  },
  {
    title: 'Turns the exit code of pytest into 0, in conftest.py',
    project: PYTHON,
    trick: { files: { 'conftest.py': 'def pytest_sessionfinish(session):\n    session.exitstatus = 0\n' } },
    end: 'without effect',
  },
];
