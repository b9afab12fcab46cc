import { expect, test } from 'vitest'
import { textAt } from './text-at.ts'

const path = ['spec', 'nodeName']

test.each<[string, unknown]>([
  ['it stands there', { metadata: { name: 'a' }, spec: { containers: [], nodeName: 'pi-1' } }],
  ['it comes first', { spec: { nodeName: 'pi-1', x: 1 } }],
  [
    'the same words stand elsewhere',
    { a: '{"spec":{"nodeName":"no"}}', nodeName: 'no', b: { spec: { nodeName: 'no' } }, spec: { nodeName: 'pi-1' } },
  ],
  ['quotes, backslashes and brackets in texts and names', { '"}\\': ['"', '\\"', ']}', '\\'], spec: { 'a"b': '}', nodeName: 'pi-1' } }],
  ['it has escapes itself', { spec: { nodeName: 'a"\\\n\u0001é日' } }],
  ['an empty text', { spec: { nodeName: '' } }],
  ['it is no text', { spec: { nodeName: { a: 'x' } } }],
  ['it is a number', { spec: { nodeName: 12, a: 'x' } }],
  ['it is null', { spec: { nodeName: null } }],
  ['what should have it is no object', { spec: ['nodeName', 'x'] }],
  ['nothing has it', { spec: { other: true }, status: { nodeName: 'no' } }],
  ['an empty object', {}],
])('%s: as it would be parsed', (_what, value) => {
  const parsed = value as { spec?: { nodeName?: unknown } }
  const wanted = typeof parsed.spec?.nodeName === 'string' ? parsed.spec.nodeName : undefined
  expect(textAt(JSON.stringify(value), path)).toBe(wanted)
  expect(textAt(JSON.stringify(value, undefined, '\t'), path)).toBe(wanted)
})

test('a name that is written with escapes is the name that it means', () => {
  expect(textAt('{"\\u0073pec":{"node\\u004eame":"pi-1"}}', path)).toBe('pi-1')
})

test('every beginning of a text comes to an end', () => {
  const whole = '{"a":[{"b":"\\"c"}],"spec":{"x":[1,{}],"nodeName":"pi-1"}}'
  for (let length = 0; length < whole.length; length++) {
    try {
      textAt(whole.slice(0, length), path)
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError)
    }
  }
})
