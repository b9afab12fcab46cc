import { expect, test } from 'vitest'
import type { PodTemplateSpec } from '@bramble/shared/types/pod-template.ts'
import { isSameTemplate, templateHash } from './template-hash.ts'

const template = (image: string, labels: Record<string, string> = { app: 'web' }) =>
  ({ metadata: { labels }, spec: { containers: [{ name: 'main', image }] } }) as unknown as PodTemplateSpec // the rest has defaults

test('a template keeps its hash whatever the order of its fields', () => {
  const other = {
    spec: { containers: [{ image: 'x:1', name: 'main' }] },
    metadata: { labels: { app: 'web' } },
  } as unknown as PodTemplateSpec
  expect(templateHash(template('x:1'), undefined)).toBe(templateHash(other, undefined))
  // Written down: a hub of tomorrow must find the ReplicaSets of today.
  expect(templateHash(template('x:1'), undefined)).toMatchInlineSnapshot(`"ddf857d4c"`)
})

test('another template, and another collision count, have another hash', () => {
  const hashes = [templateHash(template('x:1'), undefined), templateHash(template('x:2'), undefined), templateHash(template('x:1'), 1)]
  expect(new Set(hashes).size).toBe(3)
  for (const hash of hashes) expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
})

test('the hash label alone makes no other template', () => {
  expect(isSameTemplate(template('x:1'), template('x:1', { app: 'web', 'pod-template-hash': 'abc' }))).toBe(true)
  expect(isSameTemplate(template('x:1'), template('x:2'))).toBe(false)
  expect(isSameTemplate(template('x:1'), template('x:1', { app: 'other' }))).toBe(false)
})
