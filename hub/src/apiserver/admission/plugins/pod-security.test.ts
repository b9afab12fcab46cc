import { describe, expect, it } from 'vitest'
import { podSecurityOf } from '../pod-security/config.ts'
import { createTestApi, pod } from '../../testing/api.ts'

const key = (mode: string) => `pod-security.kubernetes.io/${mode}`
const namespace = (labels: Record<string, string> = {}, name = 'n') => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
const merge = 'application/merge-patch+json'
const privileged = { containers: [{ name: 'main', image: 'b', securityContext: { privileged: true } }] }
const podsOf = (name: string) => `/api/v1/namespaces/${name}/pods`

async function withNamespace(labels: Record<string, string>, deps = {}) {
  const api = await createTestApi(deps)
  expect((await api.json('POST', '/api/v1/namespaces', { body: namespace(labels) })).code).toBe(201)
  return api
}

describe('a pod', () => {
  it('that breaks what its namespace enforces is refused in the words of Kubernetes, and warned of nothing', async () => {
    const { json } = await withNamespace({ [key('enforce')]: 'baseline', [key('enforce-version')]: 'v1.30', [key('warn')]: 'restricted' })
    const { code, body, headers } = await json('POST', podsOf('n'), { body: pod('p', privileged) })
    expect(code).toBe(403)
    expect(body).toMatchObject({
      reason: 'Forbidden',
      details: { name: 'p', kind: 'pods' },
      message:
        'pods "p" is forbidden: violates PodSecurity "baseline:v1.30": privileged (container "main" must not set securityContext.privileged=true)',
    })
    expect(headers['warning']).toBeUndefined()
  })

  it('that keeps it is made, and its sender told of what is only wished for', async () => {
    const { json } = await withNamespace({ [key('enforce')]: 'baseline', [key('warn')]: 'restricted' })
    const { code, headers } = await json('POST', podsOf('n'), { body: pod('p') })
    expect(code).toBe(201)
    expect(headers['warning']).toContain('would violate PodSecurity \\"restricted:latest\\": allowPrivilegeEscalation != false (container')
  })

  it('is refused in a dry run as well, and in a namespace without labels never', async () => {
    const { json } = await withNamespace({ [key('enforce')]: 'baseline' })
    expect((await json('POST', `${podsOf('n')}?dryRun=All`, { body: pod('p', privileged) })).code).toBe(403)
    expect((await json('POST', podsOf('default'), { body: pod('p', privileged) })).code).toBe(201)
  })

  it('that was let in keeps its labels and status, and gets no other image and no container for debugging', async () => {
    const { json } = await withNamespace({})
    await json('POST', podsOf('n'), { body: pod('p', privileged) })
    await json('PATCH', '/api/v1/namespaces/n', { body: { metadata: { labels: { [key('enforce')]: 'baseline' } } }, contentType: merge })
    const patch = (path: string, body: object, contentType = merge) => json('PATCH', `${podsOf('n')}/p${path}`, { body, contentType })
    expect((await patch('', { metadata: { labels: { a: 'b' } } })).code).toBe(200)
    expect((await patch('/status', { status: { phase: 'Running' } })).code).toBe(200)
    const strategic = 'application/strategic-merge-patch+json'
    expect((await patch('', { spec: { containers: [{ name: 'main', image: 'other' }] } }, strategic)).code).toBe(403)
    expect((await patch('/ephemeralcontainers', { spec: { ephemeralContainers: [{ name: 'd', image: 'b' }] } }, strategic)).code).toBe(403)
  })

  it.each(['', '/status'])('that was let in does not get out of it by an annotation of %s', async (path) => {
    const { json } = await withNamespace({ [key('enforce')]: 'baseline' })
    expect((await json('POST', podsOf('n'), { body: pod('p') })).code).toBe(201)
    for (const annotation of ['container.apparmor.security.beta.kubernetes.io/main', 'kubernetes.io/config.mirror']) {
      const body = { metadata: { annotations: { [annotation]: 'unconfined' } } }
      expect((await json('PATCH', `${podsOf('n')}/p${path}`, { body, contentType: merge })).code, annotation).toBe(422)
    }
  })
})

describe('the audit log tells', () => {
  it('what of its namespace nobody understands, which was written by another hub', async () => {
    const lines: string[] = []
    const audit = { sinks: [{ name: 'test', take: (text: string) => lines.push(text) > 0 }] }
    const { json, store } = await withNamespace({ [key('audit')]: 'baseline', [key('warn')]: 'baseline' }, { audit })
    const errorAfter = async (labels: readonly string[]) => {
      for (const mode of labels) {
        const { value, revision } = store.get('/core/namespaces/n') ?? { value: '', revision: 0 }
        const stored = JSON.parse(value)
        stored.metadata.labels[key(mode)] = 'loose'
        await store.update('/core/namespaces/n', JSON.stringify(stored), revision)
      }
      await json('POST', podsOf('n'), { body: pod('p', privileged) })
      return JSON.parse(lines.at(-1) ?? '').annotations[key('error')]
    }
    const wrong = (mode: string) => `metadata.labels[${key(mode)}]: Invalid value: "loose": must be one of privileged, baseline, restricted`
    expect(await errorAfter([])).toBeUndefined()
    expect(await errorAfter(['warn'])).toBe(`Failed to parse policy: ${wrong('warn')}`)
    expect(await errorAfter(['audit'])).toBe(`Failed to parse policy: [${wrong('audit')}, ${wrong('warn')}]`)
  })

  const noted = async (labels: Record<string, string>, deps = {}, at = podsOf('n'), body: object = pod('p', privileged)) => {
    const lines: string[] = []
    const audit = { sinks: [{ name: 'test', take: (text: string) => lines.push(text) > 0 }] }
    const { json } = await withNamespace(labels, { ...deps, audit })
    const { code } = await json('POST', at, { body })
    const { annotations } = JSON.parse(lines.at(-1) ?? '') as { annotations: Record<string, string> }
    return { code, ...Object.fromEntries(Object.entries(annotations).filter(([name]) => name.startsWith(key('')))) }
  }
  const detail = 'privileged (container "main" must not set securityContext.privileged=true)'

  it('by what a pod was judged, and what of it breaks the standard that a namespace only wants written down', async () => {
    expect(await noted({ [key('audit')]: 'baseline' })).toEqual({
      ...{ code: 201, [key('enforce-policy')]: 'privileged:latest' },
      [key('audit-violations')]: `would violate PodSecurity "baseline:latest": ${detail}`,
    })
    const both = { [key('enforce')]: 'baseline', [key('enforce-version')]: 'v1.30', [key('audit')]: 'baseline' }
    expect(await noted(both)).toMatchObject({
      code: 403,
      [key('enforce-policy')]: 'baseline:v1.30',
      [key('audit-violations')]: expect.stringContaining(detail),
    })
    expect(await noted({})).toEqual({ code: 201, [key('enforce-policy')]: 'privileged:latest' })
  })

  it('of what makes pods what those would break', async () => {
    const template = { metadata: { labels: { a: 'b' } }, spec: privileged }
    const body = { metadata: { name: 'a' }, spec: { selector: { matchLabels: { a: 'b' } }, template } }
    expect(await noted({ [key('audit')]: 'baseline' }, {}, '/apis/apps/v1/namespaces/n/deployments', body)).toEqual({
      ...{ code: 201, [key('audit-violations')]: `would violate PodSecurity "baseline:latest": ${detail}` },
    })
  })

  it('who is held to nothing, and what holds where a namespace says nothing', async () => {
    const options = { podSecurityEnforce: 'privileged', podSecurityAudit: 'baseline', podSecurityWarn: 'privileged', podSecurityExempt: [] }
    expect(await noted({}, { podSecurity: podSecurityOf(options) })).toMatchObject({
      code: 201,
      [key('audit-violations')]: expect.stringContaining(detail),
    })
    const podSecurity = podSecurityOf({ ...options, podSecurityExempt: ['namespace/n'] })
    expect(await noted({}, { podSecurity })).toEqual({ code: 201, [key('exempt')]: 'namespace' })
  })
})

it('what makes pods is taken with a warning', async () => {
  const { json } = await withNamespace({ [key('enforce')]: 'restricted', [key('warn')]: 'baseline' })
  const template = { metadata: { labels: { a: 'b' } }, spec: privileged }
  const { code, headers } = await json('POST', '/apis/apps/v1/namespaces/n/deployments', {
    body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: { selector: { matchLabels: { a: 'b' } }, template } },
  })
  expect(code).toBe(201)
  expect(headers['warning']).toContain('would violate PodSecurity \\"baseline:latest\\": privileged (container')
})

describe('a namespace', () => {
  it.each([
    ['enforce', 'strict', 'must be one of privileged, baseline, restricted'],
    ['enforce-version', '1.30', 'must be "latest" or "v1.x"'],
    ['warn-version', 'v1.030', 'must be "latest" or "v1.x"'],
  ])('whose label %s says %s is refused when that is new', async (mode, value, why) => {
    const { json } = await createTestApi()
    const { code, body } = await json('POST', '/api/v1/namespaces', { body: namespace({ [key(mode)]: value }) })
    expect(code).toBe(422)
    expect(body.message).toBe(`Namespace "n" is invalid: metadata.labels[${key(mode)}]: Invalid value: ${JSON.stringify(value)}: ${why}`)
  })

  it('that is tightened tells which of its pods would not be let in any more', async () => {
    const { json } = await withNamespace({})
    for (const name of ['b', 'a', 'c']) await json('POST', podsOf('n'), { body: pod(name, privileged) })
    await json('POST', podsOf('n'), { body: pod('good') })
    const body = { metadata: { labels: { [key('enforce')]: 'baseline' } } }
    const { code, headers } = await json('PATCH', '/api/v1/namespaces/n', { body, contentType: merge })
    expect(code).toBe(200)
    expect(headers['warning']).toContain(
      'existing pods in namespace \\"n\\" violate the new PodSecurity enforce level \\"baseline:latest\\"',
    )
    expect(headers['warning']).toContain('a (and 2 other pods): privileged')
  })
})

describe('what the hub is told', () => {
  const told = { podSecurityEnforce: 'baseline:v1.30', podSecurityAudit: 'privileged', podSecurityWarn: 'restricted' }

  it('holds where a namespace says nothing, and a namespace may say less', async () => {
    const podSecurity = podSecurityOf({ ...told, podSecurityExempt: [] })
    const { json } = await withNamespace({ [key('enforce')]: 'privileged', [key('warn')]: 'privileged' }, { podSecurity })
    expect((await json('POST', podsOf('default'), { body: pod('p', privileged) })).body.message).toContain('"baseline:v1.30"')
    expect((await json('POST', podsOf('n'), { body: pod('p', privileged) })).code).toBe(201)
  })

  it.each(['namespace/default', 'user/bramble:admin', 'runtimeclass/odd'])('exempts %s', async (exemption) => {
    const podSecurity = podSecurityOf({ ...told, podSecurityExempt: [exemption] })
    const { json } = await createTestApi({ podSecurity })
    const odd = { ...privileged, runtimeClassName: 'odd' }
    await json('POST', '/apis/node.k8s.io/v1/runtimeclasses', {
      body: { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'odd' }, handler: 'runc' },
    })
    const refusal = (await json('POST', podsOf('default'), { body: pod('p', odd) })).body.message
    expect(refusal ?? '').not.toContain('PodSecurity')
  })
})
