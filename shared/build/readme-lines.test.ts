import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { linesOf, reportOf } from './readme-lines.mjs'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const about = { day: '2026-06-01', machine: 'Node 20, arm64' }

test("every line of the README's shell blocks is walked or says where it is instead", () => {
  const lines = linesOf(readme)
  expect(lines.length).toBeGreaterThan(10)
  expect(lines.map(({ text }) => text)).toContain('npm run images')
  expect(lines.filter(({ elsewhere }) => elsewhere !== undefined).map(({ text }) => text)).toEqual([
    'npm test',
    expect.stringMatching(/^npx bramble agent --hub/),
  ])
  const report = reportOf({ lines, seconds: lines.map(({ elsewhere }) => (elsewhere === undefined ? 1 : undefined)), ...about })
  for (const { text } of lines) expect(report).toContain(`| \`${text.replaceAll('|', '\\|')}\` | `)
  expect(report).toContain(`${lines.length} lines, ${lines.length - 2} walked, none failed.`)
})

test('the report of a walk that failed names the line, why, and what was not reached', () => {
  const lines = linesOf('```sh\na  # remark\nnpm test\nb | c\nd\n```\n')
  const report = reportOf({ lines, seconds: [0.25], problem: 'b | c\nended with 1:\nno such thing', ...about })
  expect(report).toContain("# The README's lines, 2026-06-01")
  expect(report).toContain(
    '| `a` | ok, 0.3 s |\n| `npm test` | not here: the whole suite; .ci/run is it |\n| `b \\| c` | **failed** |\n| `d` | not reached |',
  )
  expect(report).toContain('4 lines, 1 walked, one failed.\n\n```\nb | c\nended with 1:\nno such thing\n```\n')
})
