import { describe, expect, it } from 'vitest'
import { configMap, createTestApi, type Json, pod } from '../testing/api.ts'

/** What every JavaScript object inherits, and keys that it orders in its own way. */
const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '1', '0']
/** `__proto__` begins with no letter or digit, so it is no qualified name. */
const qualified = names.filter((name) => name !== '__proto__')

const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const json6902 = 'application/json-patch+json'

/** An object literal would take `__proto__` for its prototype. */
const one = (key: string, value: unknown): Json => JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`)
const all = (keys: readonly string[]): Json => Object.fromEntries(keys.map((key) => [key, 'v']))
const entries = (map: object | undefined) => Object.entries(map ?? {}).sort()

describe('keys that every JavaScript object inherits are keys like any other', () => {
  const url = '/api/v1/namespaces/default/configmaps'

  it('in the data of ConfigMaps and Secrets: made, read, replaced and taken away again', async () => {
    const { json } = await createTestApi()
    const created = await json('POST', url, { body: { ...configMap('a', all(names)) } })
    expect(created.code).toBe(201)
    expect(entries(created.body.data)).toEqual(entries(all(names)))
    expect(entries((await json('GET', `${url}/a`)).body.data)).toEqual(entries(all(names)))
    const listed = await json('GET', `${url}?labelSelector=%21x`)
    expect(entries(listed.body.items.find(({ metadata }: Json) => metadata.name === 'a').data)).toEqual(entries(all(names)))
    const put = await json('PUT', `${url}/a`, { body: configMap('a', all(names)) })
    expect(entries(put.body.data)).toEqual(entries(all(names)))

    const secrets = '/api/v1/namespaces/default/secrets'
    const body = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      data: one('__proto__', 'eA=='),
      stringData: all(names.slice(2)),
    }
    await json('POST', secrets, { body })
    const { data } = (await json('GET', `${secrets}/a`)).body
    expect(entries(data)).toEqual(
      entries({ ...all(names.slice(2).map(String)), ...one('__proto__', 'eA==') }).map(([key, value]) => [
        key,
        value === 'v' ? 'dg==' : value,
      ]),
    )
  })

  it('in YAML and in binaryData', async () => {
    const { json } = await createTestApi()
    const body = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${names.map((name) => `  "${name}": v\n`).join('')}`
    const { body: created } = await json('POST', url, { body, contentType: 'application/yaml' })
    expect(entries(created.data)).toEqual(entries(all(names)))
    const binary = await json('POST', url, { body: { ...configMap('b'), binaryData: one('__proto__', 'eA==') } })
    expect(entries(binary.body.binaryData)).toEqual([['__proto__', 'eA==']])
  })

  it.each([merge, strategic, json6902])('in a patch of type %s', async (contentType) => {
    const { json } = await createTestApi()
    for (const name of names) {
      await json('POST', url, { body: configMap('a', { other: 'o' }) })
      const ask = (value: string | null) => {
        const path = `/data/${name}`
        const operation = value === null ? { op: 'remove', path } : { op: 'add', path, value }
        return json('PATCH', `${url}/a`, { body: contentType === json6902 ? [operation] : { data: one(name, value) }, contentType })
      }
      expect(entries((await ask('v')).body.data)).toEqual(entries({ ...one(name, 'v'), other: 'o' }))
      expect(entries((await json('GET', `${url}/a`)).body.data)).toEqual(entries({ ...one(name, 'v'), other: 'o' }))
      expect(entries((await ask(null)).body.data)).toEqual([['other', 'o']])
      await json('DELETE', `${url}/a`)
    }
  })

  it('in labels and annotations, where __proto__ is no qualified name', async () => {
    const { json } = await createTestApi()
    const metadata = { labels: all(qualified), annotations: all(qualified) }
    const { code, body } = await json('POST', url, { body: configMap('a', {}, metadata) })
    expect(code).toBe(201)
    expect(body.metadata).toMatchObject(metadata)
    for (const field of ['labels', 'annotations']) {
      const refused = await json('POST', url, { body: configMap('b', {}, { [field]: one('__proto__', 'v') }) })
      expect(refused).toMatchObject({
        code: 422,
        body: { message: expect.stringContaining(`metadata.${field}: Invalid value: "__proto__": `) },
      })
      const patched = await json('PATCH', `${url}/a`, { body: { metadata: { [field]: one('__proto__', 'v') } }, contentType: merge })
      expect(patched.code).toBe(422)
    }
  })

  it('in selectors, which find labels and nothing inherited', async () => {
    const { json } = await createTestApi()
    await json('POST', url, { body: configMap('with', {}, { labels: all(qualified) }) })
    await json('POST', url, { body: configMap('without', {}, { labels: { a: 'b' } }) })
    const found = async (selector: string) =>
      (await json('GET', `${url}?labelSelector=${encodeURIComponent(selector)}`)).body.items.map(({ metadata }: Json) => metadata.name)
    for (const name of qualified) {
      expect(await found(name)).toEqual(['with'])
      expect(await found(`!${name}`)).toEqual(['without'])
      expect(await found(`${name}=v`)).toEqual(['with'])
      expect(await found(`${name} notin (v)`)).toEqual(['without'])
    }
    for (const name of names) expect((await json('GET', `${url}?fieldSelector=${name}%3Dx`)).code).toBe(400)
  })

  it('in the selector of a workload, whose template must have the label itself', async () => {
    const { json } = await createTestApi()
    const deployments = '/apis/apps/v1/namespaces/default/deployments'
    const ask = (key: string, labels: object) => {
      const selector = { matchLabels: { a: 'b' }, matchExpressions: [{ key, operator: 'Exists' }] }
      const spec = { selector, template: { metadata: { labels: { a: 'b', ...labels } }, spec: pod('x').spec } }
      return json('POST', `${deployments}?dryRun=All`, {
        body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec },
      })
    }
    for (const name of qualified) {
      expect(await ask(name, {})).toMatchObject({ code: 422 })
      expect(await ask(name, { [name]: 'v' })).toMatchObject({ code: 201 })
    }
  })

  it('in requests and limits, where they are no resources: refused by name, never a 500', async () => {
    const { json } = await createTestApi()
    for (const name of names)
      for (const resources of [
        { limits: { cpu: '1' }, requests: one(name, '1') },
        { limits: one(name, '1') },
        { limits: one(name, '1'), requests: one(name, null) },
      ]) {
        const { code, body } = await json('POST', '/api/v1/namespaces/default/pods', {
          body: pod('a', { containers: [{ name: 'c', image: 'b:1', resources }] }),
        })
        expect(code, JSON.stringify(body)).toBe(422)
        expect(body.message).toContain(`[${name}]: Invalid value: "${name}": must be a standard resource for containers`)
      }
  })

  it('as the name of a priority class, of which there is none', async () => {
    const { json } = await createTestApi()
    for (const name of ['constructor', 'tostring', 'valueof', '1'])
      expect(await json('POST', '/api/v1/namespaces/default/pods', { body: pod('a', { priorityClassName: name }) })).toMatchObject({
        code: 403,
        body: { message: `pods "a" is forbidden: no PriorityClass with name ${name} was found` },
      })
  })

  it('as variables, node labels and object names', async () => {
    const { json } = await createTestApi()
    const env = qualified.map((name) => ({ name, value: 'v' }))
    const { body } = await json('POST', '/api/v1/namespaces/default/pods', {
      body: pod('constructor', { nodeSelector: all(qualified), containers: [{ name: 'c', image: 'b:1', env }] }),
    })
    expect(body.spec).toMatchObject({ nodeSelector: all(qualified), containers: [{ env }] })
    expect((await json('GET', '/api/v1/namespaces/default/pods/constructor')).code).toBe(200)
    expect((await json('GET', '/api/v1/namespaces/constructor/pods/valueof')).code).toBe(404)
    expect((await json('GET', '/api/v1/constructor')).code).toBe(404)
    expect((await json('GET', '/apis/constructor/v1/tostring')).code).toBe(404)
    expect((await json('GET', '/api/v1/namespaces/default/pods/constructor/constructor')).code).toBe(404)
  })

  it('as fields that a type does not have: told, and refused when Strict', async () => {
    const { json } = await createTestApi()
    for (const name of names) {
      const body = { ...configMap('a'), ...one(name, { x: 1 }) }
      expect((await json('POST', `${url}?dryRun=All&fieldValidation=Strict`, { body })).body.message).toContain(`unknown field "${name}"`)
      expect((await json('POST', `${url}?dryRun=All`, { body })).headers['warning']).toContain(name)
    }
  })

  it('as query parameters that nobody asks for', async () => {
    const { json } = await createTestApi()
    for (const name of names) expect((await json('GET', `${url}?${name}=x`)).code).toBe(200)
  })
})
