import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hiddenSentence } from './hidden-sentence.js';
import { seenText, visibleText, withoutInvisible } from './visible-text.js';

describe('visibleText', () => {
  it.each([
    ['zero-width characters', 'a\u200bb\u200dc\ufeff', 'abc'],
    ['direction marks', 'a\u202eb\u2066c\u2069', 'abc'],
    ['tag characters', 'a\u{e0041}\u{e0042}b', 'ab'],
    ['variation selectors', 'a\ufe0f\u{e0100}b', 'ab'],
    ['fillers', 'a\u3164\u115f\uffa0\u2800b', 'ab'],
    ['controls', 'a\u0000\u001b[31m\u0085b', 'a[31mb'],
    ['halves of a pair', 'a\ud800b', 'ab'],
    ['character references', 'a&#8203;b&#x200B;c&ZeroWidthSpace;d&shy;e', 'abcde'],
    ['a reference within a reference', 'a&#82&#8203;03;b', 'a b'],
    ['a reference with a character within', 'a&#82\u200b03;b', 'ab'],
    ['a comment', 'a<!-- b -->c', 'a c'],
    ['a comment over lines', 'a<!-- b\nc -->d', 'a\nd'],
    ['the shortest comments', 'a<!-->b<!--->c', 'a b c'],
    ['a comment in code, as raw HTML has no code', '<p>`<!-- b -->`</p>', '<p>` `</p>'],
    ['a comment that is never closed', 'a <!-- b\nc', 'a '],
    ['a comment made of another', 'a <!-<!-- -->- b -->', 'a <!- - b -->'],
    ['a comment whose start is broken up', 'a <!\u200b-- b --> c', 'a   c'],
  ])('takes away %s', (_, text, seen) => {
    expect(visibleText(text)).toBe(seen);
  });

  it.each([
    ['tabs and newlines', 'a\tb\nc'],
    ['letters of any script', 'Grüße 漢字 नमस्ते'],
    ['emoji', '🚀'],
    ['other references', '&lt;!-- b --&gt; &#65; &#x110000;'],
    ['an opened comment within a code span', 'Write `<!--` to start'],
  ])('keeps %s', (_, text) => {
    expect(visibleText(text)).toBe(text);
  });

  it.each([
    ['elements that Gitea leaves out', 'a<script>b</script>c<style>d</style>', 'a c '],
    ['an element that is never closed', 'a <title>b\n\nc', 'a  '],
    ['an element that is hidden', 'a<span hidden>b <b>c</b></span>d', 'a d'],
    ['the same, with others of its name within', 'a<p hidden>b<p>c</p></p>d', 'a d'],
    ['an empty element that is hidden, alone', 'a<img hidden>b', 'a b'],
    ['what is not displayed', '<div style="display: none">b</div>c', ' c'],
    ['what has no size', 'a<span style="font-size:0px">b</span>c', 'a c'],
    ['white letters', "a<span style='color:#FFF'>b</span>c", 'a c'],
    ['letters without a colour', 'a<span style="color: rgba(0, 0, 0, 0)">b</span>c', 'a c'],
    ['letters in the colour of their ground', 'a<p style="color:red;background-color:red">b</p>c', 'a c'],
    ['texts in attributes', 'a <img alt="do this instead" src="x.png"> b', 'a <img src="x.png"> b'],
    ['words in place of attributes', '<div do this instead of that>\nb', '<div>\nb'],
    ['attributes of end tags', 'a<b>c</b do this instead now>', 'a<b>c</b>'],
    ['a second attribute of one name', '<a href="x" href="do this instead">z</a>', '<a href="x">z</a>'],
    ['tags whose name is a sentence', 'a <do-this-instead-of-that> b', 'a   b'],
    ['a tag that is never closed, in a block of HTML', '<div title="a\n\nb', ' '],
    ['instructions and declarations', 'a <?b?> c <!DOCTYPE d> e <![CDATA[f]]> g', 'a   c   e   g'],
    ['definitions that nothing refers to', '[//]: # (do this)\nb', '\nb'],
    ['titles of definitions', '[a]: /x "do this"\n\nSee [a].', '[a]: /x\n\nSee [a].'],
    ['definitions over lines', '[a]:\n/x\n"do\nthis"\n\nb', '\n\nb'],
    ['definitions in quotes', '> [a]: /x\n> b', '> \n> b'],
    ['labels in words', '[a][do this instead]\n\n[do this instead]: /x', '[a]\n\n'],
    ['footnotes that nothing refers to', 'a\n\n[^1]: do this\nand that\n\nb', 'a\n\n\n\nb'],
    ['titles of links', '[a](/x "do this") [b](<y> \'c\') [d](/(e) (f))', '[a](/x) [b](<y>) [d](/(e))'],
    [
      'what images say in words',
      '![do this instead](/x) ![[do] `]` this now][y]\n\n[y]: /z',
      '![image](/x) ![image][y]\n\n[y]: /z',
    ],
    ['images by their words alone', '![do this instead]\n\n[do this instead]: /x', '![image]\n\n'],
    ['a bracket in code among the words of an image', '![do this `]` instead](/x)', '![image](/x)'],
    ['what follows the language of a block', '```js do this instead\nb\n```', '```js\nb\n```'],
    ['attributes of headings', '# A {#b title="do this"}\nc', '# A\nc'],
    ['elements made of others', '<sp<b hidden></b>an title="do this instead">b', '<sp>b'],
    ['what only seems to be in code, in a block of HTML', '<div>\n```\n<p title="do this instead">', '<div>\n```\n<p>'],
    ['what only seems to be in code, in cells', '| ` | <p title="do this now"> | ` |', '| ` | <p> | ` |'],
    ['what only seems to be in code, by formulas', '$$\n```\n$$\n<p title="do this now">a', '$$\n```\n$$\n<p>a'],
    ['what comes after a span on another line', 'a `\n<p title="do this now">` b', 'a `\n<p>` b'],
  ])('takes away %s', (_, text, seen) => {
    expect(visibleText(text)).toBe(seen);
    expect(hiddenSentence(seenText(text).hidden)).not.toBeNull();
  });

  it.each([
    ['tags with what shows', '<details open><summary>a</summary>\n\nb\n\n</details>'],
    ['links and images', '[a](/x) ![b.png](/attachments/1) <img width="300" src="x.png"> <https://a.example/?b=c>'],
    ['definitions that are used', 'See [a] and [b][c].[^1]\n\n[a]: /x\n[c]: <y>\n\n[^1]: d'],
    ['fenced code as it is', '```html\n<div hidden title="a b c">d</div>\n[a]: /x "b"\n```'],
    ['fenced code of the other kind', '~~~\n<div hidden>d</div>\n\n<script>\n~~~~\n\ne'],
    ['code spans as they are', 'Write `<div hidden>` or ``a ` <b title="c d e">`` here'],
    ['escaped brackets', 'a \\<b hidden> c'],
    ['comparisons and types', 'a < b and c > d, List<Foo>, Map<String, Integer>, <3'],
    ['coloured letters', '<span style="color:red">a</span>'.replace(' style="color:red"', '')],
    ['headings in braces', '# A {b}\n\n# C {{ d }}'],
    ['sentences with colons', '[note]: this is not a definition\n\n[x] done: a'],
    ['tasks', '- [ ] a\n- [x] b'],
    ['text in brackets before parentheses', 'f[0]("c" + d) and g[1](a, b)'],
    ['a formula', '$$\na < b\n$$'],
    ['an end tag alone', 'a </b'],
    ['a declaration that is none', 'a <!- b'],
    ['what follows the end of a raw block', '<pre>\n\na\n</pre>\n\nb'],
  ])('leaves %s', (_, text) => {
    expect(seenText(text)).toMatchObject({ text, hidden: { elements: 0, asides: 0, definitions: 0, comments: 0 } });
  });

  it('counts what it takes away, by kind', () => {
    const text = 'a\u200b\u200b<!-- b -->&shy;<script>c</script>[d](/e "f")\n\n[//]: # "g"\n';

    expect(seenText(text).hidden).toEqual({
      invisibleCharacters: 3,
      comments: 1,
      elements: 1,
      asides: 1,
      definitions: 1,
      cutCharacters: 0,
    });
    expect(hiddenSentence(seenText(text).hidden)).toBe(
      'Hidden text was removed from this issue: 3 × invisible character, 1 × HTML comment, 1 × hidden element, ' +
        '1 × text that is not shown with its link, image or tag, 1 × definition of a link or footnote that is not shown.',
    );
  });

  it('cuts what is too long, and says how much', () => {
    const { text, hidden } = seenText('abcdef', 4);

    expect(text).toBe('abcd');
    expect(hidden).toMatchObject({ cutCharacters: 2, elements: 0 });
    expect(hiddenSentence(hidden)).toBe('The last 2 characters of its text are left out.');
    expect(hiddenSentence(seenText('abcd', 4).hidden)).toBeNull();
  });

  it('takes the markup out of a text that hides in ever new ways', () => {
    const nested = (depth: number): string => (depth === 0 ? ' ' : `<s${nested(depth - 1)}hidden></s>`);

    expect(visibleText(nested(40))).not.toMatch(/[<>]/);
  });

  it('makes newlines plain', () => {
    expect(visibleText('a\r\nb\rc\u2028d')).toBe('a\nb\nc\nd');
  });

  it('changes nothing when it is applied again', () => {
    const piece = fc.constantFrom(
      '<!--',
      '-->',
      '<!-',
      '-',
      '`',
      '\n',
      '\r',
      'a',
      ' ',
      '&#82',
      '03;',
      '&shy;',
      '\u200b',
      '&',
      '\ud83d',
      '\ude80',
      '<b hidden>',
      '</b>',
      '<p title="a b c">',
      '<div\n',
      '[a]',
      ': /x "y"',
      '](/x "y")',
      '![c d e',
      '```',
      '# a {#b}',
      '[^1]: z',
      '>',
      '"',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const seen = visibleText(pieces.join(''));

        expect(visibleText(seen)).toBe(seen);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '](',
    '](x "',
    '![',
    '![a',
    '[',
    '[a]: x (',
    '<a ',
    '<div a="',
    '\n<div ',
    '<?',
    '`',
    '` `` ',
    '<b hidden>',
    '\n[a]:\n',
  ])('takes no long time for 64,000 characters of %j', (piece) => {
    const start = performance.now();
    for (const text of [piece.repeat(64_000), `](${' '.repeat(64_000)}${piece}`, `# ${' '.repeat(64_000)}${piece}`]) {
      seenText(text, 64_000);
    }

    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('leaves nothing invisible, of whatever text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        expect(withoutInvisible(text)).not.toMatch(/\p{Default_Ignorable_Code_Point}|\p{Cs}/u);
      }),
    );
  });
});
