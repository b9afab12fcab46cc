import { readdirSync, readFileSync } from 'node:fs'
import { kinds } from '@bramble/shared/kinds.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { exampleOf, urlOf } from '../testing/examples.ts'
import { type Kubectl, startKubectl } from '../testing/kubectl.ts'

/** Those that somebody may make, under the names of these tests: an APIService is called as its group and version. */
const made = kinds.filter(({ verbs, kind }) => verbs?.includes('create') !== false && kind !== 'APIService')
const nameOf = (kind: (typeof kinds)[number]) => `${apiVersionOf(kind)} ${kind.kind}`
const merge = 'application/merge-patch+json'
/** Of most kinds labels can be written with the status, in Kubernetes as here. */
const keepsLabels = ['APIService', 'Deployment', 'ServiceCIDR', 'ValidatingAdmissionPolicy', 'VolumeAttachment']
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

describe.each(made.map((kind) => [nameOf(kind), kind] as const))('%s', (_name, kind) => {
  const url = urlOf(kind)
  // Some are called by what they hold.
  const name = exampleOf(kind, 'a').metadata.name

  it('is made, shown, listed and deleted', async () => {
    const { json } = await createTestApi()
    expect(await json('POST', `${url}?fieldValidation=Strict`, { body: exampleOf(kind, 'a') })).toMatchObject({ code: 201 })
    const { body: found } = await json('GET', `${url}/${name}`)
    expect(found).toMatchObject({ apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name } })
    const { body: rows } = await json('GET', `${url}/${name}`, { accept: table })
    expect(rows.rows[0].cells).toHaveLength(kind.columns.length)
    expect((await json('PUT', `${url}/${name}`, { body: found })).body).toEqual(found)
    expect((await json('DELETE', `${url}/${name}`)).code).toBe(200)
  })

  it.runIf(kind.subresources?.status === true)('has a status that is written through /status alone', async () => {
    const { json } = await createTestApi()
    const { body: before } = await json('POST', url, { body: { ...exampleOf(kind, 'a'), status: { conditions: [] } } })
    const status = {
      observedGeneration: 7,
      conditions: [{ type: 'Ready', status: 'True', reason: 'R', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    }
    const asked = { body: { status }, contentType: merge }
    expect((await json('PATCH', `${url}/${name}`, asked)).body.status).toEqual(before.status)
    const labels = { changed: 'yes' }
    const { code, body } = await json('PATCH', `${url}/${name}/status`, { ...asked, body: { status, metadata: { labels } } })
    expect([code, body.metadata.labels?.['changed']]).toEqual([200, keepsLabels.includes(kind.kind) ? undefined : 'yes'])
    expect(body.spec).toEqual(before.spec)
  })

  it.runIf(kind.subresources?.scale !== undefined)('is scaled', async () => {
    const { json } = await createTestApi()
    await json('POST', url, { body: exampleOf(kind, 'a') })
    const { body } = await json('PATCH', `${url}/${name}/scale`, { body: { spec: { replicas: 3 } }, contentType: merge })
    expect(body).toMatchObject({ kind: 'Scale', spec: { replicas: 3 }, status: { replicas: 0, selector: 'a=b' } })
    expect((await json('GET', `${url}/${name}`)).body).toMatchObject({ spec: { replicas: 3 }, metadata: { generation: 2 } })
  })
})

it.each(kinds.filter(({ deprecated }) => deprecated !== undefined).map((kind) => [nameOf(kind), kind] as const))(
  '%s tells whoever asks what to use instead',
  async (_name, kind) => {
    const { json } = await createTestApi()
    const { code, body, headers } = await json('GET', urlOf(kind))
    expect([code, body.items, headers['warning']]).toEqual([200, [], `299 - "${kind.deprecated}"`])
  },
)

it('the components of a control plane are only listed', async () => {
  const { json } = await createTestApi()
  const body = { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name: 'a' } }
  expect((await json('POST', '/api/v1/componentstatuses', { body })).code).toBe(405)
  const { resources } = (await json('GET', '/api/v1')).body
  expect(resources.find(({ name }: Json) => name === 'componentstatuses')).toMatchObject({ verbs: ['get', 'list'], shortNames: ['cs'] })
})

describe('real kubectl', () => {
  let running: Kubectl
  beforeAll(async () => {
    running = await startKubectl()
  }, 60_000)
  afterAll(() => running[Symbol.asyncDispose]())
  const kubectl: Kubectl['kubectl'] = (args, stdin) => running.kubectl(args, stdin)
  /** What went wrong, without what was only warned of. */
  const told = (err: string) => err.split('\n').filter((line) => line !== '' && !line.startsWith('Warning: '))
  /** An Event is about an object of its own namespace, and nobody applies one. */
  const all = made.filter(({ kind }) => !['Binding', 'Event'].includes(kind))
  const typeOf = ({ group, version, resource }: (typeof kinds)[number]) => (group === '' ? resource : `${resource}.${version}.${group}`)
  const versions = 'jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion} {end}'
  const manifest = (label: string) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: all.map((kind) => {
        const example: Json = exampleOf(kind, `x-${kind.version}`)
        return { ...example, metadata: { ...example.metadata, labels: { label } } }
      }),
    })

  it('applies every kind, changes it, shows it and deletes it', async () => {
    const first = await kubectl(['apply', '-f', '-'], manifest('a'))
    expect(told(first.err)).toEqual([])
    expect(first.out.match(/ created\n/g)).toHaveLength(all.length)
    // What no manifest says and a new Node has.
    await kubectl(['taint', 'node', 'x-v1', 'node.kubernetes.io/not-ready:NoSchedule-'])
    // Some lists kubectl always sends whole, and calls that a change.
    const seen = async () => (await kubectl(['get', all.map(typeOf).join(','), '-o', versions])).out
    const before = await seen()
    expect(before).toContain('Deployment/')
    expect((await kubectl(['apply', '-f', '-'], manifest('a'))).code).toBe(0)
    expect(await seen()).toBe(before)
    const changed = await kubectl(['apply', '-f', '-'], manifest('b'))
    expect(changed.out.match(/ configured\n/g), changed.out + changed.err).toHaveLength(all.length)
    const shown = await kubectl(['get', '-o', 'wide', all.map(typeOf).join(',')])
    expect(told(shown.err)).toEqual([])
    for (const kind of all) expect(shown.out).toContain(`x-${kind.version} `)
    expect((await kubectl(['delete', '--wait=false', '-f', '-'], manifest('b'))).code).toBe(0)
  }, 120_000)

  it('explains every kind', async () => {
    for (const kind of all) {
      const { out, err } = await kubectl(['explain', kind.resource, `--api-version=${apiVersionOf(kind)}`])
      expect(out, err).toContain(`KIND:       ${kind.kind}\n`)
      expect(out.replaceAll(/\s+/g, ' ')).toContain(kind.description)
    }
  }, 120_000)

  /** Manifests of everyday life, from the folder that stands beside the clone. */
  const folder = new URL('../../../../../shared/manifests/website/', import.meta.url)
  const served = readdirSync(folder).filter((name) => {
    const asked = [...readFileSync(new URL(name, folder), 'utf8').matchAll(/^kind: *(\w+)/gm)].map(([, kind]) => kind)
    return asked.every((kind) => made.some((known) => known.kind === kind))
  })

  it('applies the manifests of the documentation, and a second time changes nothing', async () => {
    expect(served.length).toBeGreaterThan(30)
    const documents = served
      .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split(/^---.*$/m))
      .filter((text) => /^kind:/m.test(text))
    // Several call their object the same; the first of that name stays.
    const named = new Map(
      documents.toReversed().map((text) => [`${/^kind: *(\S+)/m.exec(text)?.[1]} ${/^ {2}name: *(\S+)/m.exec(text)?.[1]}`, text]),
    )
    const dry = await kubectl(['apply', '--dry-run=server', '-f', '-'], documents.join('\n---\n'))
    expect(told(dry.err)).toEqual([])
    const text = [...named.values()].join('\n---\n')
    expect(told((await kubectl(['apply', '-f', '-'], text)).err)).toEqual([])
    const seen = async () => (await kubectl(['get', '-f', '-', '-o', versions], text)).out
    const before = await seen()
    expect(before).toContain('Deployment/')
    expect((await kubectl(['apply', '-f', '-'], text)).code).toBe(0)
    expect(await seen()).toBe(before)
  }, 120_000)
})
