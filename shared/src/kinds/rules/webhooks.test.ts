import { describe, expect, it } from 'vitest'
import { mutatingWebhookConfigurations } from '../mutating-webhook-configuration.ts'
import { validatingWebhookConfigurations } from '../validating-webhook-configuration.ts'
import { created, refusals, row, updated } from './testing.ts'

const metadata = { name: 'check' }
const service = { namespace: 'default', name: 'check' }
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const webhook = {
  ...{ name: 'check.example.com', clientConfig: { service }, rules: [rule] },
  ...{ sideEffects: 'None', admissionReviewVersions: ['v1'] },
}
const of = (...changes: object[]) => ({ metadata, webhooks: changes.map((change) => ({ ...webhook, ...change })) })

describe('a configuration of webhooks', () => {
  it('has defaults', () => {
    const { webhooks = [], metadata: meta } = created(mutatingWebhookConfigurations, of({}))
    expect(webhooks[0]).toEqual({
      ...webhook,
      ...{ failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10, reinvocationPolicy: 'Never' },
      ...{
        namespaceSelector: {},
        objectSelector: {},
        rules: [{ ...rule, scope: '*' }],
        clientConfig: { service: { ...service, port: 443 } },
      },
    })
    expect(meta.generation).toBe(1)
    const object = created(validatingWebhookConfigurations, of({}))
    expect(row(validatingWebhookConfigurations, object)).toEqual(['check', 1, undefined])
  })

  it('counts its generation by its webhooks', () => {
    const before = created(validatingWebhookConfigurations, of({}))
    const generation = (change: (object: typeof before) => void) =>
      updated(validatingWebhookConfigurations, before, change).metadata.generation
    expect(generation((next) => void (next.metadata.labels = { a: 'b' }))).toBe(1)
    expect(generation((next) => void (next.webhooks = []))).toBe(2)
  })

  it.each<[object, readonly unknown[]]>([
    [{}, []],
    [{ name: '' }, ['name: Required value']],
    [{ name: 'check.local' }, ['name: Invalid value: "check.local": should be a domain with at least three segments separated by dots']],
    [{ name: 'Check.example.com' }, [expect.stringContaining('name: Invalid value: "Check.example.com": a lowercase RFC 1123 subdomain')]],
    [{ sideEffects: undefined }, ['sideEffects: Required value: must specify one of None, NoneOnDryRun']],
    [{ timeoutSeconds: 31 }, ['timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds']],
    [{ admissionReviewVersions: undefined }, ['admissionReviewVersions: Required value: must specify one of v1, v1beta1']],
    [
      { admissionReviewVersions: ['v2', 'v2', 'V1'] },
      [
        'admissionReviewVersions[1]: Invalid value: "v2": duplicate version',
        expect.stringContaining('admissionReviewVersions[2]: Invalid value: "V1": a DNS-1035 label'),
        'admissionReviewVersions: Invalid value: ["v2","v2","V1"]: must include at least one of v1, v1beta1',
      ],
    ],
    [{ clientConfig: undefined }, ['clientConfig: Required value: exactly one of url or service is required']],
    [{ clientConfig: { service, url: 'https://a' } }, ['clientConfig: Required value: exactly one of url or service is required']],
    [{ clientConfig: { url: 'https://check.example.com:8443/path' } }, []],
    [
      { clientConfig: { url: 'http://jo:pw@h/x?a=b#c' } },
      [
        `clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
        'clientConfig.url: Invalid value: "jo:pw": user information is not permitted in the URL',
        'clientConfig.url: Invalid value: "c": fragments are not permitted in the URL',
        'clientConfig.url: Invalid value: "a=b": query parameters are not permitted in the URL',
      ],
    ],
    [
      { clientConfig: { url: 'https:///x' } },
      ['clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]'],
    ],
    [
      { clientConfig: { service: { name: '', namespace: '', port: 0, path: 'a/B/' } } },
      [
        'clientConfig.service.name: Required value',
        'clientConfig.service.namespace: Required value',
        'clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
        `clientConfig.service.path: Invalid value: "a/B/": must start with a '/'`,
        'clientConfig.service.path: Invalid value: "a/B/": segment[0] may not be empty',
        expect.stringContaining('clientConfig.service.path: Invalid value: "a/B/": segment[1]: a lowercase RFC 1123'),
      ],
    ],
    [{ rules: [{}] }, ['operations', 'apiGroups', 'apiVersions', 'resources'].map((field) => `rules[0].${field}: Required value`)],
    [
      { rules: [{ operations: ['*', 'CREATE'], apiGroups: ['*', 'a'], apiVersions: ['*', ''], resources: ['pods'] }] },
      [
        `rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
        `rules[0].apiGroups: Invalid value: ["*","a"]: if '*' is present, must not specify other API groups`,
        `rules[0].apiVersions: Invalid value: ["*",""]: if '*' is present, must not specify other API versions`,
        'rules[0].apiVersions[1]: Required value',
      ],
    ],
    [
      { rules: [{ ...rule, resources: ['pods/*', 'pods/log', '*/scale', 'x/scale', '', '*', 'pods'] }] },
      [
        `rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`,
        `rules[0].resources[3]: Invalid value: "x/scale": if '*/scale' is present, must not specify x/scale`,
        'rules[0].resources[4]: Required value',
        expect.stringContaining(`: if '*' is present, must not specify other resources without subresources`),
      ],
    ],
    [
      { rules: [{ ...rule, resources: ['*/*', 'pods'] }] },
      [`rules[0].resources: Invalid value: ["*/*","pods"]: if '*/*' is present, must not specify other resources`],
    ],
    [
      {
        matchConditions: [
          { name: '', expression: ' ' },
          { name: 'a b', expression: 'true' },
          { name: 'a', expression: 'true' },
          { name: 'a', expression: 'true' },
        ],
      },
      [
        'matchConditions[0].expression: Required value',
        'matchConditions[0].name: Required value',
        expect.stringContaining('matchConditions[1].name: Invalid value: "a b": name part must consist'),
        'matchConditions[3].name: Duplicate value: "a"',
      ],
    ],
    [
      { matchConditions: Array.from({ length: 65 }, (_, i) => ({ name: `a${i}`, expression: 'true' })) },
      ['matchConditions: Too many: 65: must have at most 64 items'],
    ],
  ])('%# is told what is wrong with a webhook', (change, errors) => {
    const told = errors.map((error) => (typeof error === 'string' ? `webhooks[0].${error}` : error))
    expect(refusals(validatingWebhookConfigurations, of(change))).toEqual(told)
  })

  it('has webhooks of different names', () => {
    expect(refusals(mutatingWebhookConfigurations, of({}, {}))).toEqual(['webhooks[1].name: Duplicate value: "check.example.com"'])
  })
})
