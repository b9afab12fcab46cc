import { type Checked, typeWarnings } from '@bramble/shared/cel/admission/type-check.ts'
import { celTypeOfNode } from '@bramble/shared/cel/node-types.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type ValidatingAdmissionPolicy, validatingAdmissionPolicies } from '@bramble/shared/kinds/validating-admission-policy.ts'
import { apiVersionOf, type Kind } from '@bramble/shared/schema/kind.ts'
import type { RuleWithOperations } from '@bramble/shared/types/admission-matching.ts'
import { defineController } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

/** Tells the author of a policy what is odd about its expressions, when the kinds that it is about are known. */
export const validatingAdmissionPolicyStatus = defineController({
  name: 'validatingadmissionpolicy-status',
  account: 'validatingadmissionpolicy-status-controller',
  workers: 1,
  setUp({ client, queue, watch, tellAbout, kinds, onStop }) {
    const onChange = ({ metadata }: ValidatingAdmissionPolicy) => queue.add(metadata.name)
    const lister = watch(validatingAdmissionPolicies, { onAdd: onChange, onUpdate: onChange })
    tellAbout(objectsOf(validatingAdmissionPolicies, lister))
    // What was odd of a kind that was not served yet may be right now.
    onStop(
      kinds.onChange(() => {
        for (const { metadata } of lister.list()) queue.add(metadata.name)
      }),
    )
    return async (name, signal) => {
      const seen = lister.get(undefined, name)
      if (seen === undefined || seen.metadata.deletionTimestamp !== undefined) return
      const wanted = { observedGeneration: seen.metadata.generation, typeChecking: typeCheckingOf(seen, kinds.all()) }
      const { observedGeneration, typeChecking } = seen.status ?? {}
      if (isSameJson(wanted, { observedGeneration, typeChecking })) return
      const body = { metadata: { uid: seen.metadata.uid }, status: wanted }
      await client.patch(
        validatingAdmissionPolicies,
        { name },
        { type: 'application/merge-patch+json', body },
        { signal, subresource: 'status' },
      )
    }
  },
})

function typeCheckingOf({ spec }: ValidatingAdmissionPolicy, kinds: readonly Kind[]) {
  const { apiVersion, kind } = spec.paramKind ?? {}
  const paramKind = kinds.find((each) => apiVersionOf(each) === apiVersion && each.kind === kind)
  const params = paramKind === undefined ? undefined : celTypeOfNode(paramKind.node)
  const expressionWarnings = typeWarnings(spec, checkedKinds(spec.matchConstraints?.resourceRules ?? [], kinds), params)
  return expressionWarnings.length === 0 ? {} : { expressionWarnings }
}

// Kubernetes' own bound.
const mostKinds = 10

/** Those that the rules name without a `*`. */
function checkedKinds(rules: readonly RuleWithOperations[], kinds: readonly Kind[]): readonly Checked[] {
  const found = new Map<string, Checked>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].includes('*') || resources.some((resource) => /[*/]/.test(resource))) continue
    for (const kind of kinds)
      if (apiGroups.includes(kind.group) && apiVersions.includes(kind.version) && resources.includes(kind.resource)) {
        const version = kind.group === '' ? `/${kind.version}` : apiVersionOf(kind)
        const name = `${version}, Kind=${kind.kind}`
        found.set(name, { name, type: celTypeOfNode(kind.node) })
      }
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, mostKinds)
}
