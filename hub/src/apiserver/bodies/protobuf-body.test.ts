import type * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { deployments } from '@bramble/shared/kinds/deployment.ts'
import { leases } from '@bramble/shared/kinds/lease.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { secrets } from '@bramble/shared/kinds/secret.ts'
import { validatingAdmissionPolicies } from '@bramble/shared/kinds/validating-admission-policy.ts'
import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'
import { WireWriter } from '@bramble/shared/protobuf/wire-writer.ts'
import { typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import { deleteOptions } from '@bramble/shared/types/delete-options.ts'
import { decodeProtobufBody } from './protobuf-body.ts'

// The slice of Kubernetes' generated.proto files that these tests speak.
const codec = createCodec({
  enums: {},
  messages: {
    Unknown: { typeMeta: [1, 'TypeMeta'], raw: [2, 'bytes'], contentEncoding: [3, 'string'] },
    TypeMeta: { apiVersion: [1, 'string'], kind: [2, 'string'] },
    Time: { seconds: [1, 'int64'], nanos: [2, 'int32'] },
    Quantity: { string: [1, 'string'] },
    IntOrString: { type: [1, 'int32'], int: [2, 'int32'], str: [3, 'string'] },
    Raw: { raw: [1, 'bytes'] },
    ManagedFields: { manager: [1, 'string'], fieldsV1: [7, 'Raw'] },
    ObjectMeta: {
      name: [1, 'string'],
      namespace: [3, 'string'],
      creationTimestamp: [8, 'Time'],
      deletionTimestamp: [9, 'Time'],
      labels: [11, 'map<string,string>'],
      managedFields: [17, 'repeated ManagedFields'],
      later: [999, 'string'],
    },
    Secret: { metadata: [1, 'ObjectMeta'], data: [2, 'map<string,bytes>'], type: [3, 'string'] },
    Deployment: { metadata: [1, 'ObjectMeta'], spec: [2, 'DeploymentSpec'], status: [3, 'Empty'] },
    Empty: {},
    LabelSelector: { matchLabels: [1, 'map<string,string>'] },
    DeploymentSpec: { selector: [2, 'LabelSelector'], template: [3, 'Template'], strategy: [4, 'Strategy'] },
    Strategy: { rollingUpdate: [2, 'RollingUpdate'] },
    RollingUpdate: { maxUnavailable: [1, 'IntOrString'], maxSurge: [2, 'IntOrString'] },
    Template: { metadata: [1, 'ObjectMeta'], spec: [2, 'PodSpec'] },
    Pod: { metadata: [1, 'ObjectMeta'], spec: [2, 'PodSpec'] },
    PodSpec: { volumes: [1, 'repeated Volume'], containers: [2, 'repeated Container'], securityContext: [14, 'PodSecurityContext'] },
    PodSecurityContext: { supplementalGroups: [4, 'repeated int64'] },
    Volume: { name: [1, 'string'], source: [2, 'VolumeSource'] },
    VolumeSource: { hostPath: [1, 'HostPath'], emptyDir: [2, 'Empty'] },
    HostPath: { path: [1, 'string'] },
    Container: { name: [1, 'string'], command: [3, 'repeated string'], resources: [8, 'Resources'], livenessProbe: [10, 'Probe'] },
    Resources: { limits: [1, 'map<string,Quantity>'] },
    Probe: { handler: [1, 'Handler'], periodSeconds: [4, 'int32'] },
    Handler: { httpGet: [2, 'HttpGet'] },
    HttpGet: { path: [1, 'string'], port: [2, 'IntOrString'] },
    Lease: { metadata: [1, 'ObjectMeta'], spec: [2, 'LeaseSpec'] },
    LeaseSpec: { holderIdentity: [1, 'string'], renewTime: [4, 'Time'] },
    ValidatingAdmissionPolicy: { spec: [2, 'PolicySpec'] },
    PolicySpec: { matchConstraints: [2, 'MatchResources'] },
    MatchResources: { resourceRules: [3, 'repeated NamedRule'] },
    NamedRule: { resourceNames: [1, 'repeated string'], ruleWithOperations: [2, 'RuleWithOperations'] },
    RuleWithOperations: { operations: [1, 'repeated string'], rule: [2, 'Rule'] },
    Rule: { apiGroups: [1, 'repeated string'], resources: [3, 'repeated string'] },
    DeleteOptions: { gracePeriodSeconds: [1, 'int64'], propagationPolicy: [4, 'string'] },
  },
})

const utf8 = (text: string) => new TextEncoder().encode(text)

/** The codec is proto3 and drops zeros; Go's encoder writes them, so tests append them by hand. */
function varintField(bytes: Uint8Array, field: number, value: number): Uint8Array {
  const writer = new WireWriter()
  writer.tag(field, 0)
  writer.int64(value)
  return new Uint8Array([...bytes, ...writer.finish()])
}

function stringField(bytes: Uint8Array, field: number, value: string | Uint8Array): Uint8Array {
  const writer = new WireWriter()
  writer.tag(field, 2)
  writer.bytes(typeof value === 'string' ? utf8(value) : value)
  return new Uint8Array([...bytes, ...writer.finish()])
}

const wrap = (apiVersion: string, kind: string, raw: Uint8Array) =>
  new Uint8Array([0x6b, 0x38, 0x73, 0, ...codec.encode('Unknown', { typeMeta: { apiVersion, kind }, raw })])

const nodes = new Map<string, z.core.$ZodType>([
  ['v1 Secret', secrets.schema],
  ['v1 Pod', pods.schema],
  ['apps/v1 Deployment', deployments.schema],
  ['coordination.k8s.io/v1 Lease', leases.schema],
  ['admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy', validatingAdmissionPolicies.schema],
  ['v1 DeleteOptions', deleteOptions],
])
const nodeOf = (apiVersion: string, kind: string) => {
  const schema = nodes.get(`${apiVersion} ${kind}`)
  return schema && typeNodeOf(schema)
}
const decode = (apiVersion: string, kind: string, value: object) =>
  decodeProtobufBody(wrap(apiVersion, kind, codec.encode(kind, value)), nodeOf)

describe('decodeProtobufBody', () => {
  it('reads a Secret: bytes as base64, the zero time left out', () => {
    expect(
      decode('v1', 'Secret', {
        metadata: { name: 's', creationTimestamp: {}, labels: { a: '', __proto__x: 'y' }, later: 'than us' },
        data: { key: utf8('value'), none: new Uint8Array() },
        type: 'helm.sh/release.v1',
      }),
    ).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', labels: { a: '', __proto__x: 'y' } },
      data: { key: 'dmFsdWU=', none: '' },
      type: 'helm.sh/release.v1',
    })
  })

  it('reads a pod: inlined structs spread, quantities, packed numbers and ports', () => {
    const spec = {
      volumes: [
        { name: 'a', source: { emptyDir: {} } },
        { name: 'b', source: { hostPath: { path: '/x' } } },
      ],
      containers: [
        {
          name: 'c',
          command: ['sh', ''],
          resources: { limits: { cpu: { string: '500m' } } },
          livenessProbe: { handler: { httpGet: { path: '/', port: { type: 1, str: 'http' } } }, periodSeconds: 5 },
        },
      ],
      securityContext: { supplementalGroups: [0, 7] },
    }
    expect(decode('v1', 'Pod', { metadata: { name: 'p' }, spec })).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', hostPath: { path: '/x' } },
        ],
        containers: [
          {
            name: 'c',
            command: ['sh', ''],
            resources: { limits: { cpu: '500m' } },
            livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 5 },
          },
        ],
        securityContext: { supplementalGroups: [0, 7] },
      },
    })
  })

  it('spreads what is inlined in what is inlined', () => {
    const ruleWithOperations = { operations: ['CREATE'], rule: { apiGroups: ['apps'], resources: ['deployments'] } }
    const spec = { matchConstraints: { resourceRules: [{ resourceNames: ['web'], ruleWithOperations }] } }
    expect(decode('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', { spec })).toMatchObject({
      spec: {
        matchConstraints: {
          resourceRules: [{ resourceNames: ['web'], operations: ['CREATE'], apiGroups: ['apps'], resources: ['deployments'] }],
        },
      },
    })
  })

  it('reads integers of 64 bits with all their digits', () => {
    expect(decode('v1', 'DeleteOptions', { gracePeriodSeconds: 3546343826724305832n })).toMatchObject({
      gracePeriodSeconds: 3546343826724305832n,
    })
  })

  it('keeps a zero that is pointed to and drops the zeros that Go writes of plain fields', () => {
    let spec = codec.encode('DeploymentSpec', {
      selector: { matchLabels: { app: 'x' } },
      strategy: { rollingUpdate: { maxUnavailable: {}, maxSurge: { type: 1, str: '25%' } } },
    })
    spec = varintField(spec, 1, 0) // replicas, a pointer
    spec = varintField(spec, 5, 0) // minReadySeconds
    spec = varintField(spec, 7, 0) // paused
    const raw = stringField(codec.encode('Deployment', { metadata: { name: 'd' }, status: {} }), 2, spec)
    expect(decodeProtobufBody(wrap('apps/v1', 'Deployment', raw), nodeOf)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'x' } },
        strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
      },
      status: {},
    })
  })

  it('reads times as RFC 3339, with six decimals where the type has them', () => {
    const at = { seconds: 1_700_000_000, nanos: 1_234_567 }
    expect(
      decode('coordination.k8s.io/v1', 'Lease', {
        metadata: { name: 'l', deletionTimestamp: at },
        spec: { holderIdentity: 'h', renewTime: at },
      }),
    ).toMatchObject({ metadata: { deletionTimestamp: '2023-11-14T22:13:20Z' }, spec: { renewTime: '2023-11-14T22:13:20.001234Z' } })
  })

  it('reads the JSON inside managed fields', () => {
    const managedFields = [{ manager: 'helm', fieldsV1: { raw: utf8('{"f:data":{}}') } }]
    expect(decode('v1', 'Secret', { metadata: { name: 's', managedFields } })).toMatchObject({
      metadata: { managedFields: [{ manager: 'helm', fieldsV1: { 'f:data': {} } }] },
    })
  })

  // As kubectl 1.35.2 sent it for `create deployment web --image=busybox --replicas=0 --port=80`.
  it('reads a Deployment of kubectl', () => {
    const body =
      'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50EsABCiMKA3dlYhIAGgRkZW1vIgAqADIAOABCAFoKCgNhcHASA3dlYhKKAQgAEgwKCgoDYXBwEgN3ZWIacAocCgASABoAIgAqADIAOABCAFoKCgNhcHASA3dlYhJQEjIKB2J1c3lib3gSB2J1c3lib3gqADIKCgAQABhQIgAqAEIAagByAIABAIgBAJABAKIBABoAMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAiAgoAKAA4ABoMCAAQABgAIAAoADgAGgAiAA=='
    expect(decodeProtobufBody(Buffer.from(body, 'base64'), nodeOf)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'demo', labels: { app: 'web' } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'busybox', image: 'busybox', ports: [{ containerPort: 80 }], resources: {} }] },
        },
        strategy: {},
      },
      status: {},
    })
  })

  // As helm 4.1.4 sent it when it uninstalled a release.
  it('reads the DeleteOptions of helm', () => {
    const body = Buffer.from('azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxIAGgAiAA==', 'base64')
    expect(decodeProtobufBody(body, nodeOf)).toEqual({ apiVersion: 'v1', kind: 'DeleteOptions' })
  })

  it("takes every group's DeleteOptions for the one there is", () => {
    const raw = varintField(codec.encode('DeleteOptions', { propagationPolicy: 'Background' }), 1, 0)
    const expected = { apiVersion: 'v1', kind: 'DeleteOptions' }
    const wanted = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, propagationPolicy: 'Background' }
    expect(decodeProtobufBody(wrap('apps/v1', 'DeleteOptions', raw), nodeOf, expected)).toEqual(wanted)
    expect(decodeProtobufBody(wrap('', '', raw), nodeOf, expected)).toEqual(wanted)
  })

  it.each<[string, Uint8Array, string]>([
    ['JSON', utf8('{"kind":"Secret"}'), 'does not begin with'],
    ['nothing', new Uint8Array(), 'does not begin with'],
    ['an unknown kind', wrap('v1', 'Gadget', new Uint8Array()), 'no kind "Gadget" is registered for version "v1"'],
    ['a body cut off', wrap('v1', 'Secret', new Uint8Array([0x0a, 50, 1])), 'cannot be decoded'],
    ['a wrong wire type', wrap('v1', 'Secret', new Uint8Array([0x08, 1])), 'metadata has the wire type 0 instead of 2'],
    [
      'a time beyond time',
      wrap('v1', 'Secret', codec.encode('Secret', { metadata: { creationTimestamp: { seconds: 2 ** 50 } } })),
      'is no time',
    ],
    [
      'managed fields that are no JSON',
      wrap('v1', 'Secret', codec.encode('Secret', { metadata: { managedFields: [{ fieldsV1: { raw: utf8('{') } }] } })),
      'fieldsV1 holds no JSON',
    ],
    [
      'more parts than memory',
      wrap(
        'v1',
        'Pod',
        stringField(
          new Uint8Array(),
          2,
          new Uint8Array(400_000).map((_, i) => (i % 2 ? 0 : 0x12)),
        ),
      ),
      'more than 30000 parts',
    ],
  ])('refuses %s', (_, body, message) => {
    expect(() => decodeProtobufBody(body, nodeOf)).toThrow(ApiError)
    expect(() => decodeProtobufBody(body, nodeOf)).toThrow(message)
  })

  it('refuses a body beyond the limit of all bodies', () => {
    expect(() => decodeProtobufBody(new Uint8Array(4 * 1024 * 1024), nodeOf)).toThrow('too large')
  })

  it('answers bytes changed at random with an object or a refusal, never with another failure', () => {
    const body = wrap(
      'v1',
      'Pod',
      codec.encode('Pod', {
        metadata: { name: 'p', labels: { a: 'b' }, creationTimestamp: { seconds: 1 } },
        spec: {
          volumes: [{ name: 'b', source: { hostPath: { path: '/x' } } }],
          containers: [
            { name: 'c', resources: { limits: { cpu: { string: '1' } } }, livenessProbe: { handler: { httpGet: { port: { int: 80 } } } } },
          ],
          securityContext: { supplementalGroups: [1, 2] },
        },
      }),
    )
    const random = lehmer(7)
    let refused = 0
    for (let round = 0; round < 3000; round++) {
      const changed = Uint8Array.from(body)
      for (let change = 0; change <= random(3); change++) changed[4 + random(changed.length - 4)] = random(256)
      try {
        expect(decodeProtobufBody(changed.subarray(0, random(20) === 0 ? random(changed.length) : changed.length), nodeOf)).toBeTypeOf(
          'object',
        )
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        refused++
      }
    }
    expect(refused).toBeGreaterThan(500)
  })
})

/** Random numbers below a bound, the same in every run. */
function lehmer(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
