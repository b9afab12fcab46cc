import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

test('npm ci brings no client of the tests: they are fetched when a test needs them', () => {
  const [, fetched = ''] = /^const layer = '(@?[^@']+)@/m.exec(readFileSync(join(root, 'shared/build/clients.mjs'), 'utf8')) ?? []
  expect(fetched).not.toBe('')
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { readonly packages: Record<string, unknown> }
  const installed = Object.keys(packages).map((path) => path.split('node_modules/').at(-1) ?? '')
  expect(installed.length).toBeGreaterThan(50)
  expect(installed.filter((name) => name === fetched || /aws-cdk|^constructs$/.test(name))).toEqual([])
})
