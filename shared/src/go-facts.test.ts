import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { kinds } from './kinds.ts'
import { type Field, type ObjectNode, type TypeNode } from './schema/type-node.ts'

/** The Go types of Kubernetes' API, from the folder that stands beside the clone. `t` is the Go type of field `f`. */
type Fact = { readonly f?: string; readonly t?: string; readonly inline?: string }
type Facts = Readonly<Record<string, { readonly types: Readonly<Record<string, readonly Fact[]>> }>>

/** Of the aggregator's types, which the facts leave out. */
const aggregator: Facts = {
  'apiregistration.k8s.io/v1': {
    types: {
      APIService: [
        { f: 'metadata', t: 'metav1.ObjectMeta' },
        { f: 'spec', t: 'APIServiceSpec' },
        { f: 'status', t: 'APIServiceStatus' },
      ],
      APIServiceSpec: [
        { f: 'service', t: '*ServiceReference' },
        ...['group', 'version'].map((f) => ({ f, t: 'string' })),
        { f: 'insecureSkipTLSVerify', t: 'bool' },
        { f: 'caBundle', t: '[]byte' },
        ...['groupPriorityMinimum', 'versionPriority'].map((f) => ({ f, t: 'int32' })),
      ],
      ServiceReference: [...['namespace', 'name'].map((f) => ({ f, t: 'string' })), { f: 'port', t: '*int32' }],
      APIServiceStatus: [{ f: 'conditions', t: '[]APIServiceCondition' }],
      APIServiceCondition: [
        ...['type', 'status', 'reason', 'message'].map((f) => ({ f, t: 'string' })),
        { f: 'lastTransitionTime', t: 'metav1.Time' },
      ],
    },
  },
}

const told = JSON.parse(readFileSync(new URL('../../../shared/kubernetes-api-facts.json', import.meta.url), 'utf8')) as Facts

/** Of the policies that change objects, which the facts leave out; what they share with those that refuse is the same in both versions. */
const mutating: Facts = {
  'admissionregistration.k8s.io/v1beta1': {
    types: {
      ...told['admissionregistration.k8s.io/v1']?.types,
      MutatingAdmissionPolicy: [
        { f: 'metadata', t: 'metav1.ObjectMeta' },
        { f: 'spec', t: 'MutatingAdmissionPolicySpec' },
      ],
      MutatingAdmissionPolicySpec: [
        { f: 'paramKind', t: '*ParamKind' },
        { f: 'matchConstraints', t: '*MatchResources' },
        { f: 'variables', t: '[]Variable' },
        { f: 'mutations', t: '[]Mutation' },
        { f: 'failurePolicy', t: '*FailurePolicyType' },
        { f: 'matchConditions', t: '[]MatchCondition' },
        { f: 'reinvocationPolicy', t: 'ReinvocationPolicyType' },
      ],
      Mutation: [
        { f: 'patchType', t: 'PatchType' },
        { f: 'applyConfiguration', t: '*ApplyConfiguration' },
        { f: 'jsonPatch', t: '*JSONPatch' },
      ],
      ApplyConfiguration: [{ f: 'expression', t: 'string' }],
      JSONPatch: [{ f: 'expression', t: 'string' }],
      MutatingAdmissionPolicyBinding: [
        { f: 'metadata', t: 'metav1.ObjectMeta' },
        { f: 'spec', t: 'MutatingAdmissionPolicyBindingSpec' },
      ],
      MutatingAdmissionPolicyBindingSpec: [
        { f: 'policyName', t: 'string' },
        { f: 'paramRef', t: '*ParamRef' },
        { f: 'matchResources', t: '*MatchResources' },
      ],
    },
  },
}
const facts: Facts = { ...aggregator, ...mutating, ...told }

/** The Go type of every field, those of embedded structs included. */
function goTypes(group: string, type: string): readonly (readonly [field: string, goType: string])[] {
  return (facts[group]?.types[type] ?? []).flatMap(({ f, t = '', inline }) => {
    if (inline?.startsWith('metav1.') === true) return goTypes('meta/v1', inline.slice('metav1.'.length))
    return inline === undefined ? [[f ?? '', t] as const] : goTypes(group, inline)
  })
}

function messagesOf(node: TypeNode, found = new Set<ObjectNode>()): Set<ObjectNode> {
  if (node.tag === 'list') return messagesOf(node.item, found)
  if (node.tag === 'map') return messagesOf(node.value, found)
  if (node.tag !== 'object' || found.has(node)) return found
  found.add(node)
  for (const { type } of node.fields.values()) messagesOf(type, found)
  return found
}

/** In JSON one of several other things, or without fields: nothing to compare. */
const wordless = new Set(['JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'CustomResourceSubresourceStatus'])

const messages = [...kinds.reduce((found, { node }) => messagesOf(node, found), new Set<ObjectNode>())].filter(
  ({ typeName }) => !wordless.has(typeName),
)

const isTime = (type: TypeNode) => type.tag === 'scalar' && (type.format === 'time' || type.format === 'micro-time')
/** Held by value, but left out where it is zero, since Go has a word for that. */
const isLeftOut = (name: string) => name === 'creationTimestamp'

/** Times and quantities have no zero in JSON but null, which is never given. */
const hasZero = ({ type }: Field) =>
  type.tag === 'scalar' && type.format !== 'time' && type.format !== 'micro-time' && type.format !== 'quantity'

it.each(messages.map((node) => [`${node.group}.${node.typeName}`, node] as const))(
  '%s says of each field whether Go holds it by value or behind a pointer',
  (_name, { group, typeName, fields }) => {
    const go = new Map(goTypes(group, typeName))
    expect(go.size).toBeGreaterThan(0)
    const own = [...fields.values()].filter(({ name }) => name !== 'apiVersion' && name !== 'kind')
    expect(own.filter(({ name }) => !go.has(name)).map(({ name }) => name)).toEqual([])
    const isPointer = ({ name }: Field) => go.get(name)?.startsWith('*') === true

    expect(own.filter(hasZero).flatMap((field) => (field.pointer === isPointer(field) ? [] : [field.name]))).toEqual([])
    const structs = own.filter(
      ({ name, type, required, default: preset }) =>
        (type.tag === 'object' || isTime(type)) && !required && preset === undefined && !isLeftOut(name),
    )
    expect(structs.flatMap((field) => (field.byValue === !isPointer(field) ? [] : [field.name]))).toEqual([])
  },
)
