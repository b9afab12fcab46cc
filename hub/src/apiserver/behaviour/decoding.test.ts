import { beforeAll, describe, expect, it } from 'vitest'
import { configMap, createTestApi, type Json, pod } from '../testing/api.ts'

const ns = '/api/v1/namespaces/default'
const apps = '/apis/apps/v1/namespaces/default'
const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const jsonPatch = 'application/json-patch+json'

let json: Awaited<ReturnType<typeof createTestApi>>['json']
beforeAll(async () => {
  ;({ json } = await createTestApi())
  await json('POST', `${ns}/configmaps`, { body: configMap('c', { a: 'b' }) })
  await json('POST', `${ns}/pods`, { body: pod('p') })
  await json('POST', `${apps}/deployments`, { body: deployment('d') })
})

const deployment = (name: string, spec: object = {}) => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'b' }] } },
    ...spec,
  },
})

const causesOf = (body: Json): readonly string[] =>
  (body.details?.causes ?? []).map(({ field, reason }: Json) => `${field}: ${String(reason).replace('FieldValue', '')}`)
const patch = async (url: string, body: unknown, contentType: string) => {
  const answer = await json('PATCH', `${url}${url.includes('?') ? '&' : '?'}dryRun=All`, { body, contentType })
  return { code: answer.code, reason: answer.body.reason, causes: causesOf(answer.body), body: answer.body }
}
const post = async (url: string, body: unknown) => {
  const answer = await json('POST', `${url}?dryRun=All`, { body })
  return { code: answer.code, causes: causesOf(answer.body), body: answer.body }
}

describe('a patch that can be read, but not what it makes', () => {
  it.each<[string, unknown, string]>([
    ['configmaps/c', [], merge],
    ['configmaps/c', null, merge],
    ['configmaps/c', '"text"', merge],
    ['configmaps/c', { data: 3 }, merge],
    ['configmaps/c', { data: { a: 3 } }, merge],
    ['configmaps/c', { data: { a: 3 } }, strategic],
    ['configmaps/c', { binaryData: { a: 'not base64' } }, merge],
    ['configmaps/c', { metadata: { labels: { a: 1 } } }, merge],
    ['configmaps/c', { metadata: { labels: [] } }, strategic],
    ['configmaps/c', { kind: 'Pod' }, merge],
    ['configmaps/c', { apiVersion: 'v2' }, merge],
    ['configmaps/c', { kind: 3 }, strategic],
    ['configmaps/c', [{ op: 'replace', path: '/kind', value: 'Pod' }], jsonPatch],
    ['configmaps/c', [{ op: 'replace', path: '', value: 1 }], jsonPatch],
    ['configmaps/c', [{ op: 'replace', path: '', value: [] }], jsonPatch],
    ['configmaps/c', [{ op: 'replace', path: '/metadata', value: 'x' }], jsonPatch],
    ['configmaps/c', [{ op: 'add', path: '/metadata/creationTimestamp', value: 'yesterday' }], jsonPatch],
    ['pods/p', { spec: { hostNetwork: 'yes' } }, merge],
    ['pods/p', { spec: { priority: 99999999999 } }, merge],
    ['pods/p', '{"spec":{"activeDeadlineSeconds":1e3}}', merge],
    ['pods/p', '[{"op":"add","path":"/spec/activeDeadlineSeconds","value":1.0}]', jsonPatch],
    ['pods/p', { spec: { restartPolicy: 3 } }, merge],
    ['pods/p', { spec: { containers: [{ name: 'main', resources: { limits: { cpu: 'much' } } }] } }, strategic],
    ['pods/p', { spec: { containers: { name: 'main' } } }, merge],
    ['pods/p/status', { status: { startTime: 5 } }, merge],
    ['pods/p/status', { status: { podIPs: '10.0.0.1' } }, strategic],
  ])('%s %j by %s is invalid in the field "patch" of nothing', async (what, body, type) => {
    const answer = await patch(`${ns}/${what}`, body, type)
    expect(answer).toMatchObject({ code: 422, reason: 'Invalid', causes: ['patch: Invalid'] })
    expect(answer.body.message).toMatch(/^ "" is invalid: patch: Invalid value: /)
    expect(Object.keys(answer.body.details)).toEqual(['causes'])
  })

  it.each<[string, unknown, string]>([
    ['configmaps/c', '{', merge],
    ['configmaps/c', [], strategic],
    ['configmaps/c', {}, jsonPatch],
  ])('%s %j by %s is no patch at all: 400', async (what, body, type) => {
    expect(await patch(`${ns}/${what}`, body, type)).toMatchObject({ code: 400, reason: 'BadRequest' })
  })
})

describe('what an object says about its type', () => {
  it.each<[unknown, string]>([
    [{ kind: '' }, merge],
    [{ kind: null }, merge],
    [{ apiVersion: '' }, merge],
    [{ apiVersion: null, kind: null }, merge],
    [{ kind: '' }, strategic],
    [{ kind: null, apiVersion: null }, strategic],
    [{ kind: 'Pod' }, strategic],
    [[{ op: 'remove', path: '/kind' }], jsonPatch],
    [[{ op: 'replace', path: '/apiVersion', value: '' }], jsonPatch],
  ])('%j by %s leaves it to the URL', async (body, type) => {
    const answer = await patch(`${ns}/configmaps/c`, body, type)
    expect(answer).toMatchObject({ code: 200, body: { kind: 'ConfigMap', apiVersion: 'v1', data: { a: 'b' } } })
    const scaled = await patch(`${apps}/deployments/d/scale`, type === jsonPatch ? body : { ...(body as object), kind: '' }, type)
    expect(scaled.code).toBe(200)
  })

  it.each([{ kind: '' }, { kind: null }, { apiVersion: '' }, { apiVersion: null }, { kind: '', apiVersion: null }])(
    'a body with %j is of the type of the URL',
    async (said) => {
      expect((await post(`${ns}/pods`, { ...pod('n'), ...said })).code).toBe(201)
      expect((await post(`${apps}/deployments`, { ...deployment('n'), ...said })).code).toBe(201)
      expect((await json('PUT', `${ns}/configmaps/c?dryRun=All`, { body: { ...configMap('c'), ...said } })).code).toBe(200)
      expect((await json('DELETE', `${ns}/configmaps/c?dryRun=All`, { body: { ...said } })).code).toBe(200)
      expect(
        (await json('PUT', `${apps}/deployments/d/scale?dryRun=All`, { body: { metadata: { name: 'd' }, spec: { replicas: 2 }, ...said } }))
          .code,
      ).toBe(200)
    },
  )
})

describe('a change without the name of its object', () => {
  it.each<[string, unknown, string]>([
    ['configmaps/c', { metadata: { name: null } }, merge],
    ['configmaps/c', { metadata: { name: '' } }, merge],
    ['configmaps/c', { metadata: null }, merge],
    ['configmaps/c', { metadata: { name: '' } }, strategic],
    ['configmaps/c', [{ op: 'remove', path: '/metadata/name' }], jsonPatch],
    ['pods/p/status', { metadata: { name: null } }, merge],
  ])('%s %j by %s is refused', async (what, body, type) => {
    const answer = await patch(`${ns}/${what}`, body, type)
    const name = what.split('/')[1]
    expect([answer.code, answer.body.message]).toEqual([
      400,
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    ])
  })

  it('by PUT as well, also of a subresource', async () => {
    for (const [url, body] of [
      [`${ns}/configmaps/c`, { data: {} }],
      [`${ns}/configmaps/c`, { metadata: null }],
      [`${ns}/configmaps/c`, { metadata: { name: '' } }],
      [`${ns}/pods/p/status`, { ...pod('p'), metadata: {} }],
      [`${apps}/deployments/d/scale`, { metadata: {}, spec: { replicas: 1 } }],
    ] as const)
      expect((await json('PUT', `${url}?dryRun=All`, { body })).body).toMatchObject({
        code: 400,
        message: expect.stringContaining('name must be provided'),
      })
  })
})

describe('numbers', () => {
  const withSeconds = (seconds: string) =>
    `{"metadata":{"name":"n"},"spec":{"terminationGracePeriodSeconds":${seconds},"containers":[{"name":"c","image":"b:1.0"}]}}`
  it.each(['1.0', '1e3', '1E2', '-1.0', '1.5', '0.0', '1e400', '99999999999999999999', '"1"', 'true', '[]'])(
    'an integer written %s cannot be read',
    async (number) => {
      expect(await post(`${ns}/pods`, withSeconds(number))).toMatchObject({ code: 400 })
    },
  )

  it.each<[string, string]>([
    [`${ns}/pods`, '{"metadata":{"name":"n"},"spec":{"priority":2147483648,"containers":[{"name":"c","image":"b"}]}}'],
    [`${ns}/pods`, '{"metadata":{"name":"n"},"spec":{"priority":-2147483649,"containers":[{"name":"c","image":"b"}]}}'],
    [`${apps}/deployments`, JSON.stringify(deployment('n', { replicas: 1e10 }))],
    [`${apps}/deployments`, JSON.stringify(deployment('n', { minReadySeconds: 3_000_000_000 }))],
    [`${ns}/services`, '{"metadata":{"name":"n"},"spec":{"ports":[{"port":4294967296}]}}'],
    [`${ns}/services`, '{"metadata":{"name":"n"},"spec":{"ports":[{"port":80,"targetPort":8e1}]}}'],
  ])('%s %s is out of the range of its type or no integer: 400', async (url, body) => {
    expect((await post(url, body)).code).toBe(400)
  })

  it('a quantity is what was written', async () => {
    const cpuOf = async (cpu: string) => {
      const { body } = await post(
        `${ns}/pods`,
        `{"metadata":{"name":"n"},"spec":{"containers":[{"name":"c","image":"b","resources":{"requests":{"cpu":${cpu}}}}]}}`,
      )
      return body.spec?.containers[0].resources.requests.cpu
    }
    expect([
      await cpuOf('1e3'),
      await cpuOf('1.0'),
      await cpuOf('0.5'),
      await cpuOf('2'),
      await cpuOf('" 1 "'),
      await cpuOf('"\\t2\\n"'),
    ]).toEqual(['1e3', '1', '500m', '2', '1', '2'])
    expect(await cpuOf('"1 m"')).toBeUndefined()
  })

  it('a strategic merge takes 1.0 for 1, as it is made of JSON alone', async () => {
    expect((await patch(`${apps}/deployments/d`, '{"spec":{"replicas":2.0}}', strategic)).body.spec.replicas).toBe(2)
  })
})

describe('words that are chosen among few', () => {
  it.each<[string, object]>([
    [`${ns}/pods`, pod('n', { restartPolicy: 3 })],
    [`${ns}/pods`, pod('n', { dnsPolicy: true })],
    [`${ns}/pods`, pod('n', { containers: [{ name: 'c', image: 'b', imagePullPolicy: [] }] })],
    [`${ns}/services`, { metadata: { name: 'n' }, spec: { type: {}, ports: [{ port: 80 }] } }],
    [`${apps}/deployments`, deployment('n', { strategy: { type: 1 } })],
  ])('%s %j: what is no text cannot be read', async (url, body) => {
    expect((await post(url, body)).code).toBe(400)
  })
})

describe('text', () => {
  it('half a character is U+FFFD, in keys too', async () => {
    const sent = '{"metadata":{"name":"n","annotations":{"a":"\\ud800x","b":"\\udc00\\ud83d\\ude00"}},"data":{"k":"y\\uDFFF"}}'
    const { body } = await post(`${ns}/configmaps`, sent)
    expect([body.metadata.annotations, body.data]).toEqual([{ a: '\ufffdx', b: '\ufffd\u{1f600}' }, { k: 'y\ufffd' }])
  })

  it.each<[unknown, string]>([
    ['{"spec":{"replicas":1.5}}', 'number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    [{ spec: { replicas: 2 ** 31 } }, 'number 2147483648 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    [{ spec: { replicas: '1' } }, 'string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    [{ metadata: { labels: [null] } }, 'array into Go struct field ObjectMeta.metadata.labels of type map[string]string'],
    [{ metadata: { labels: { a: 1 } } }, 'number into Go struct field ObjectMeta.metadata.labels of type string'],
  ])('a Deployment with %j is refused in the words of Go', async (body, told) => {
    const { code, body: answer } = await post('/apis/apps/v1/namespaces/default/deployments', body)
    expect([code, answer.message]).toEqual([
      400,
      `Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal ${told}`,
    ])
  })

  it('a text that is no quantity is told by its whole path, which Go leaves out', async () => {
    const spec = { containers: [{ name: 'a', image: 'b', resources: { limits: { memory: 'lots' } } }] }
    const { body } = await post(`${ns}/pods`, { metadata: { name: 'q' }, spec })
    expect([body.code, body.message]).toEqual([
      400,
      expect.stringContaining(': spec.containers[0].resources.limits.memory: quantities must match the regular expression'),
    ])
  })

  it('a number of a patch is told by where the patch puts it', async () => {
    const { body } = await patch(`${ns}/pods/p`, '[{"op":"add","path":"/spec/activeDeadlineSeconds","value":1.5}]', jsonPatch)
    expect(body.message).toContain('number 1.5 into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64')
  })

  it('bytes are kept in their one form; a list of numbers are bytes', async () => {
    const { body } = await post(`${ns}/secrets`, {
      metadata: { name: 'n' },
      data: { a: 'aGFs\nbG8=\r\n', b: 'YR==', c: [], d: [104, 105, null] },
    })
    expect(body.data).toEqual({ a: 'aGFsbG8=', b: 'YQ==', c: '', d: 'aGkA' })
    for (const wrong of ['a', 'YQ', 'YQ=', 'a b=', [256], [-1], ['x'], 3, {}])
      expect((await post(`${ns}/secrets`, { metadata: { name: 'n' }, data: { a: wrong } })).code).toBe(400)
  })
})

describe('times', () => {
  const lease = (spec: object) => ({ metadata: { name: 'l' }, spec })
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
  it.each(['2020-01-01T00:00:00Z', '2020-01-01T00:00:00.12345Z', '2020-01-01T00:00:00.1234567Z', '2020-01-01T24:00:00.000000Z', '', 'now'])(
    'a time of microseconds written %j cannot be read',
    async (renewTime) => {
      expect((await post(leases, lease({ renewTime }))).code).toBe(400)
    },
  )

  it('of microseconds has six decimals, after a point or a comma', async () => {
    for (const [sent, kept] of [
      ['2020-01-01T00:00:00.123456Z', '2020-01-01T00:00:00.123456Z'],
      ['2020-01-01T02:00:00,123456+02:00', '2020-01-01T00:00:00.123456Z'],
    ])
      expect((await post(leases, lease({ renewTime: sent }))).body.spec.renewTime).toBe(kept)
  })

  it.each<[string, string | undefined]>([
    ['2020-01-01T00:00:00.5Z', '2020-01-01T00:00:00Z'],
    ['2020-01-01T00:00:00,123456789123Z', '2020-01-01T00:00:00Z'],
    ['2020-01-01T1:02:03Z', '2020-01-01T01:02:03Z'],
    ['2020-02-29T23:30:00-01:00', '2020-03-01T00:30:00Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00Z'],
    ['2020-01-01T24:00:00Z', undefined],
    ['2020-02-30T00:00:00Z', undefined],
    ['2019-02-29T00:00:00Z', undefined],
    ['2020-01-01T00:00:60Z', undefined],
    ['2020-01-01 00:00:00Z', undefined],
    ['2020-01-01T00:00:00', undefined],
    ['2020-13-01T00:00:00Z', undefined],
    ['2020-1-01T00:00:00Z', undefined],
  ])('a time written %j is %j', async (sent, kept) => {
    const { code, body } = await post(`${ns}/events`, {
      ...{ metadata: { name: 'e' }, involvedObject: { namespace: 'default' } },
      lastTimestamp: sent,
    })
    expect([code, body.lastTimestamp]).toEqual(kept === undefined ? [400, undefined] : [201, kept])
  })

  it('the zero time is none', async () => {
    const { body } = await post(`${ns}/events`, {
      ...{ metadata: { name: 'e' }, involvedObject: { namespace: 'default' } },
      lastTimestamp: '0001-01-01T00:00:00Z',
    })
    expect(body.lastTimestamp ?? null).toBeNull()
  })
})

describe('bytes that are no UTF-8', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1')
  const body = (value: string) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"u"},"data":{"k":"${value}"}}`

  it('are U+FFFD in a text of JSON, as in Go, and refused elsewhere and in YAML', async () => {
    const made = await post(`${ns}/configmaps`, bytes(body('x\xffy\xc0\x80\xed\xa0\x80')))
    expect([made.code, made.body.data]).toEqual([201, { k: 'x\ufffdy\ufffd\ufffd\ufffd\ufffd\ufffd' }])
    for (const type of [merge, strategic]) {
      const patched = await patch(`${ns}/configmaps/c`, bytes('{"data":{"k":"\xfe"}}'), type)
      expect([patched.code, patched.body.data.k]).toEqual([200, '\ufffd'])
    }
    expect((await patch(`${ns}/configmaps/c`, bytes('[{"op":"add","path":"/data/k","value":"\xfe"}]'), jsonPatch)).code).toBe(200)
    expect((await post(`${ns}/configmaps`, bytes(`${body('x')}\xff`))).code).toBe(400)
    expect((await post(`${ns}/configmaps`, bytes(`\xef\xbb\xbf${body('x')}`))).code).toBe(400)
    const yaml = { body: bytes(body('\xff')), contentType: 'application/yaml' }
    expect((await json('POST', `${ns}/configmaps?dryRun=All`, yaml)).code).toBe(400)
    expect((await patch(`${ns}/configmaps/c?fieldManager=m`, bytes(body('\xff')), 'application/apply-patch+yaml')).code).toBe(400)
  })
})
