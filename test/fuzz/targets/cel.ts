import { Budget, OutOfBudget } from '@bramble/shared/cel/budget.ts'
import { compileExpression } from '@bramble/shared/cel/program.ts'
import * as t from '@bramble/shared/cel/types.ts'
import { CelList } from '@bramble/shared/cel/values.ts'
import { defineTarget } from '../target.ts'

const variables = new Map<string, t.CelType>([
  ['list', t.listOf(t.int)],
  ['text', t.string],
  ['texts', t.listOf(t.string)],
])
const values = () => [new CelList([1n, 2n, 3n]), 'a text', new CelList(['a', 'b', ''])]

export const cel = defineTarget({
  name: 'cel',
  seeds: [
    ...[
      'list.all(a, a > 0) && text.size() < 10',
      'texts.exists(x, x.startsWith("a")) ? 1 : 2',
      'list.map(a, a * 2)[0] == 2',
      'has(text.a) || true',
    ],
    ...[
      '"%s %d".format([text, list[0]]) != ""',
      'duration("1h") < duration("2h30m")',
      'timestamp("2026-01-01T00:00:00Z").getFullYear() == 2026',
    ],
    ...['{"a": 1, "b": [1u, 2.5, b"x", null]}["a"] in list', 'quantity("1Gi").isGreaterThan(quantity("1Mi"))', 'text.matches("^[a-z]+$")'],
    ...[
      'optional.of(text).orValue("").size() == 0',
      'url("https://x/y").getHost() == "x"',
      'ip("10.0.0.1").family() == 4',
      '!(-1 + 2 % 3 / 4 >= 5 - 6)',
    ],
    ...[
      'cel.bind(a, list, a.size())',
      "r'raw\\n' + '''long''' + '\\u00e4\\x41'",
      'sets.contains(list, [1])',
      'list.sum() + list.indexOf(2)',
      'type(text) == string',
    ],
  ],
  words: [
    ...[
      'list',
      'text',
      'texts',
      'a',
      'x',
      'self',
      '.',
      '?.',
      '[?',
      '[',
      ']',
      '(',
      ')',
      '{',
      '}',
      ',',
      ':',
      '?',
      '+',
      '-',
      '*',
      '/',
      '%',
      '!',
      '==',
      '&&',
      '||',
    ],
    ...[
      'in',
      'has(',
      '.all(a, ',
      '.map(a, ',
      '.exists(a, ',
      '.filter(a, ',
      'size()',
      'matches("',
      'true',
      'null',
      '1u',
      '1.5e3',
      '0x1f',
      '"',
      "'",
      '"""',
      'r"',
    ],
    ...[
      'duration("',
      'timestamp("',
      'quantity("',
      'semver("',
      'format.',
      'dyn(',
      'string(',
      'int(',
      'double(',
      '9223372036854775807',
      '.split("',
      '.replace("',
    ],
  ],
  open: () => (input) => {
    const compiled = compileExpression(input.toString(), variables)
    if (!compiled.ok) return
    try {
      compiled.program.evaluate(values(), new Budget(100_000))
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error
    }
  },
})
