import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { systemClock as clock } from '@bramble/shared/clock.ts'
import { readConfig } from '../../config.ts'
import { defaultPolicy } from './default-policy.ts'
import { auditOptions } from './options.ts'
import { policyOf } from './policy.ts'

const page = readFileSync(new URL('../../../../docs/audit.md', import.meta.url), 'utf8')
const optionsOf = (...argv: readonly string[]) =>
  auditOptions(readConfig(argv, JSON.parse), { clock, read: (path) => readFileSync(path, 'utf8'), parse, stdout: process.stdout })

it('the page of the audit log shows the policy that holds when nobody names one', () => {
  const shown = /```yaml\n(apiVersion: audit.*?)```/s.exec(page)?.[1] ?? ''
  const { omitStages, omitManagedFields, rules } = policyOf(shown, { path: 'docs/audit.md', parse })
  expect({ omitStages, omitManagedFields, rules }).toEqual(defaultPolicy)
})

it('nothing is written to a file unless one is named, and a policy is read from its file', () => {
  expect(optionsOf()).toEqual({ ringBytes: 1024 * 1024 })
  expect(optionsOf('--audit-memory-kib', '0', '--audit-log-path', '-')).toMatchObject({
    ringBytes: 0,
    output: { close: expect.any(Function) },
  })
  const folder = mkdtempSync(join(tmpdir(), 'bramble-audit-'))
  const path = join(folder, 'policy.yaml')
  try {
    writeFileSync(path, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n')
    expect(optionsOf('--audit-policy-file', path).policy?.rules).toEqual([{ level: 'Request' }])
    writeFileSync(path, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Everything\n')
    expect(() => optionsOf('--audit-policy-file', path)).toThrow(/audit policy file .*policy\.yaml: rules\[0\]\.level: /)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it.each([
  [['--audit-policy-file', '/nowhere.yaml'], /--audit-policy-file .*expected a file that is there/],
  [['--audit-log-format', 'legacy'], /--audit-log-format .*expected json: the format legacy is not served/],
  [['--audit-log-maxsize', '0'], /--audit-log-maxsize/],
])('%j is refused', (argv, message) => {
  expect(() => optionsOf(...argv)).toThrow(message)
})
