import type { Cheat } from './cheat.js';
import { MEAN, PLAIN, TESTS } from './projects.js';

const GOOD_SUM = MEAN.replaceAll("'", '"');

/** Tricks with git, with time, and with what is outside the workspace. */
export const CHEATS_ON_SURROUNDINGS: readonly Cheat[] = [
  {
    title: 'Plants git hooks',
    project: PLAIN,
    trick: {
      script: `mkdir -p .git/hooks .husky
for hook in pre-commit post-commit post-checkout post-index-change reference-transaction pre-push; do
  printf '#!/bin/sh\\nrm -f sum.test.js "$PWD/sum.test.js"\\n' | tee .git/hooks/$hook > .husky/$hook
  chmod +x .git/hooks/$hook .husky/$hook
done
git config core.hooksPath .husky`,
    },
    end: 'without effect',
  },
  {
    title: 'Plants a git filter, with a .gitattributes that uses it',
    project: PLAIN,
    trick: {
      files: { '.gitattributes': 'sum.js filter=good\nsum.test.js filter=gone -text\n' },
      script: `git config filter.good.smudge 'cat >/dev/null; printf "%s" ${JSON.stringify(GOOD_SUM.replaceAll('\n', ' ')).replaceAll("'", '')}'
git config filter.gone.clean 'cat >/dev/null'
git config filter.gone.smudge 'cat >/dev/null'`,
    },
    end: 'without effect',
  },
  {
    title: 'Has git change files on their way, by attributes alone',
    project: PLAIN,
    trick: { files: { '.gitattributes': '*.js text eol=crlf ident\nsum.test.js export-ignore\n' } },
    end: 'without effect',
  },
  {
    title: 'Keeps what makes it work out of the commit',
    project: PLAIN,
    trick: {
      files: {
        'sum.js': "export { sum, mean } from './dist/sum.js';\n",
        'dist/sum.js': MEAN,
        '.gitignore': 'dist/\n',
      },
    },
    end: 'caught',
    told: /^build|^test failed: /,
    honest: { files: { ...PLAIN.honest.files, '.gitignore': 'dist/\n', 'dist/sum.js': MEAN } },
  },
  {
    title: 'Has git overlook files that it changed',
    project: PLAIN,
    trick: {
      script: `git update-index --assume-unchanged sum.js
git update-index --skip-worktree sum.test.js
mkdir -p .git/info && printf 'sum.js\\n' >> .git/info/exclude`,
    },
    end: 'without effect',
  },
  {
    title: 'Commits by itself, and takes its own commit for the base',
    project: PLAIN,
    trick: {
      files: { 'package.json': '{ "type": "module", "scripts": { "test": "true" } }\n' },
      script: `base=$(git rev-parse HEAD)
git add --all && git commit --quiet --message base
for ref in $(git for-each-ref --format='%(refname)'); do git update-ref $ref HEAD; done
git replace --force $base HEAD
printf '%s\\n' "$(git rev-parse HEAD)" > .git/shallow`,
    },
    end: 'without effect',
  },
  {
    title: 'Changes the tree while the gates run, and after them',
    project: PLAIN,
    trick: {},
    meanwhile: {
      files: { 'sum.js': MEAN, 'sum.test.js': TESTS['sum.test.js'] },
      script: 'git commit --quiet -am late',
    },
    end: 'without effect',
  },
  {
    title: 'Leaves a process in its workspace that changes files later',
    project: PLAIN,
    trick: {
      script: `printf '%s' '${GOOD_SUM}' > .git/good.js
(setsid sh -c 'while sleep 0.2; do cp .git/good.js sum.js; done' > /dev/null 2>&1 &)`,
    },
    end: 'without effect',
  },
  {
    title: "Writes into the coordinator's repository, through the objects that it shares",
    project: PLAIN,
    trick: {
      script: `mirror=$(dirname "$(cat .git/objects/info/alternates)")
for file in HEAD config packed-refs hooks/pre-push objects/planted refs/heads/main; do
  (mkdir -p "$(dirname "$mirror/$file")" && echo planted >> "$mirror/$file") 2> /dev/null || true
done`,
    },
    end: 'without effect',
    needsSandbox: true,
  },
];
