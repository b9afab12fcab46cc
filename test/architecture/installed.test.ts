import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

test('npm ci brings no client of the tests: they are fetched when a test needs them', () => {
  const fetched = [...readFileSync(join(root, 'shared/build/clients.mjs'), 'utf8').matchAll(/ layer: '(@?[^@']+)@/g)].map(
    ([, name = '']) => name,
  )
  expect(fetched).toHaveLength(3)
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { readonly packages: Record<string, unknown> }
  const installed = Object.keys(packages).map((path) => path.split('node_modules/').at(-1) ?? '')
  expect(installed.length).toBeGreaterThan(50)
  expect(installed.filter((name) => fetched.includes(name) || /aws-cdk|^constructs$/.test(name))).toEqual([])
})
