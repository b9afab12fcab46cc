import { expect, it } from 'vitest'
import { compileExpression } from './program.ts'
import * as t from './types.ts'

const start = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
const mapStart =
  "{'[', '{', '}', '(', '.', ',', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

/** What cel-go says of what it cannot read or understand; the line and the mark below it are that of the place. */
const facts: readonly (readonly [string, readonly string[]])[] = [
  ['undef()', ["1:6: undeclared reference to 'undef' (in container '')"]],
  ['undef', ["1:1: undeclared reference to 'undef' (in container '')"]],
  ['has(m)', ['1:5: invalid argument to has() macro']],
  ['has(m.f)', ["1:5: undeclared reference to 'm' (in container '')"]],
  [
    'a.b(c)',
    [
      "1:1: undeclared reference to 'a' (in container '')",
      "1:4: undeclared reference to 'b' (in container '')",
      "1:5: undeclared reference to 'c' (in container '')",
    ],
  ],
  ['x.all(e, 0)', ["1:6: found no matching overload for '_&&_' applied to '(bool, int)'"]],
  ['x.exists(e, 0)', ["1:9: found no matching overload for '_||_' applied to '(bool, int)'"]],
  ['x.filter(y, [true])', ["1:9: found no matching overload for '_?_:_' applied to '(list(bool), list(dyn), list(dyn))'"]],
  ['true.filter(c, c)', ["1:1: expression of type 'bool' cannot be range of a comprehension (must be list, map, or dynamic)"]],
  ['x.filter(a.b, false)', ['1:11: argument is not an identifier']],
  ['1.all(2, 3)', ['1:7: argument must be a simple name']],
  ['self.true == 1', ["1:6: Syntax error: mismatched input 'true' expecting IDENTIFIER"]],
  ['{"a": 1}."a"', [`1:10: Syntax error: no viable alternative at input '."a"'`]],
  ['as', ['1:1: reserved identifier: as']],
  ['0xFFFFFFFFFFFFFFFFF', ['1:1: invalid int literal']],
  ['0xFFFFFFFFFFFFFFFFFu', ['1:1: invalid uint literal']],
  ['1.99e90000009', ['1:1: invalid double literal']],
  ['a | b', ["1:3: Syntax error: token recognition error at: '| '", "1:5: Syntax error: extraneous input 'b' expecting <EOF>"]],
  ['x === 1', ["1:5: Syntax error: token recognition error at: '= '"]],
  ['1 + $', ["1:5: Syntax error: token recognition error at: '$'", `1:6: Syntax error: mismatched input '<EOF>' expecting ${start}`]],
  ['1 + 2\n3 +', ["2:1: Syntax error: mismatched input '3' expecting <EOF>"]],
  [
    '*@a | b',
    [
      `1:1: Syntax error: extraneous input '*' expecting ${start}`,
      "1:2: Syntax error: token recognition error at: '@'",
      "1:5: Syntax error: token recognition error at: '| '",
      "1:7: Syntax error: extraneous input 'b' expecting <EOF>",
    ],
  ],
  [
    '1 + +',
    [`1:5: Syntax error: mismatched input '+' expecting ${start}`, `1:6: Syntax error: mismatched input '<EOF>' expecting ${start}`],
  ],
  ['in', [`1:1: Syntax error: mismatched input 'in' expecting ${start}`, `1:3: Syntax error: mismatched input '<EOF>' expecting ${start}`]],
  ['--', ["1:3: Syntax error: no viable alternative at input '-'", `1:3: Syntax error: mismatched input '<EOF>' expecting ${start}`]],
  ['{', [`1:2: Syntax error: mismatched input '<EOF>' expecting ${mapStart}`]],
  ['{a}', ["1:3: Syntax error: mismatched input '}' expecting ':'"]],
  ["'asdf'.contains('x'", ["1:20: Syntax error: missing ')' at '<EOF>'"]],
  ['x in [1, 2, ', ["1:13: Syntax error: missing ']' at '<EOF>'"]],
  ["x in ['motorway'", ["1:17: Syntax error: mismatched input '<EOF>' expecting {']', ','}"]],
  ['foo(a,b,)', [`1:9: Syntax error: mismatched input ')' expecting ${start}`]],
  ['['.repeat(300), ['-1:0: expression recursion limit exceeded: 250']],
]

it.each(facts)('%s', (source, wanted) => {
  const compiled = compileExpression(source, new Map([['x', t.dyn]])) // prettier-ignore
  const told = compiled.ok ? [] : compiled.why.split('\n').filter((line) => line.startsWith('ERROR: '))
  expect(told).toEqual(wanted.map((each) => `ERROR: <input>:${each}`))
})

it('the place is marked below its line, where what is no ASCII is wide', () => {
  const compiled = compileExpression("'😁' == 'é' &&\n\tin.😁", new Map())
  expect(compiled.ok ? '' : compiled.why.split('ERROR: ').slice(1, 3)).toEqual([
    `<input>:2:2: Syntax error: extraneous input 'in' expecting ${start}\n |  in.😁\n | .^\n`,
    "<input>:2:5: Syntax error: token recognition error at: '😁'\n |  in.😁\n | ....＾\n",
  ])
})
