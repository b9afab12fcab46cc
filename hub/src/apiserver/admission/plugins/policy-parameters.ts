import { fieldForbidden, invalid } from '@bramble/shared/api/api-error.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import {
  mutatingAdmissionPolicyBindings,
  type MutatingAdmissionPolicyBinding as Binding,
} from '@bramble/shared/kinds/mutating-admission-policy-binding.ts'
import { mutatingAdmissionPolicies, type MutatingAdmissionPolicy as Policy } from '@bramble/shared/kinds/mutating-admission-policy.ts'
import { validatingAdmissionPolicyBindings } from '@bramble/shared/kinds/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicies } from '@bramble/shared/kinds/validating-admission-policy.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { ParamKind } from '@bramble/shared/types/admission-policy.ts'
import { decide } from '../../authz/authorizer.ts'
import { isMaster } from '../../authz/masters.ts'
import type { ResourceRequest } from '../../query/request-info.ts'
import { type Admission, defineAdmission } from '../admission.ts'

/** Of what its `policyName` speaks. */
const policiesOf: ReadonlyMap<Kind, Kind> = new Map<Kind, Kind>([
  [validatingAdmissionPolicyBindings, validatingAdmissionPolicies],
  [mutatingAdmissionPolicyBindings, mutatingAdmissionPolicies],
])

/**
 * The hub reads the parameters of policies with rights of its own, and expressions tell what stands in them. So whoever names a kind of parameters
 * in a policy must be allowed to read all of that kind, and whoever names parameters in a binding must be allowed to read those. Looked at after the
 * rules of the kind, and only when what is named changes.
 */
export const policyParameters = defineAdmission('policy-parameters', ({ registry, authorizers, kindIndex }) => {
  /** What one asks to read them all: of a kind that nobody serves, everything of its group. */
  const resourceOf = (paramKind: ParamKind | undefined): Pick<ResourceRequest, 'group' | 'version' | 'resource'> => {
    if (paramKind === undefined) return { group: '*', version: '*', resource: '*' }
    const { apiVersion = '', kind = '' } = paramKind
    const [version = '', group = ''] = apiVersion.split('/').toReversed()
    return { group, version, resource: kindIndex.byKind(apiVersion, kind)?.resource ?? '*' }
  }
  const paramKindIn = async (kind: Kind, name: string) => {
    const found = registry.find(kind, undefined, name)
    return found === undefined ? undefined : (registry.objectOf(kind, await registry.inVersion(kind, found)) as Policy).spec.paramKind
  }
  const mayRead = ({ origin: { user } }: Admission, info: Omit<ResourceRequest, 'type'>): boolean =>
    decide(authorizers, { user, info: { type: 'resource', ...info } }).type === 'allow'

  function checkPolicy(admission: Admission, { paramKind }: Policy['spec'], before: Policy['spec'] | undefined): void {
    if (paramKind === undefined || isSameJson(paramKind, before?.paramKind)) return
    if (mayRead(admission, { verb: 'get', ...resourceOf(paramKind), namespace: '*', name: '*' })) return
    const { kind = '', apiVersion = '' } = paramKind
    const what = `all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`
    throw refusal(admission, 'spec.paramKind', `must have "get" permission on ${what}`)
  }
  async function checkBinding(admission: Admission, { paramRef, policyName = '' }: Binding['spec'], before: Binding['spec'] | undefined) {
    const policies = policiesOf.get(admission.kind)
    if (policies === undefined || paramRef === undefined) return
    if (isSameJson(paramRef, before?.paramRef) && policyName === before?.policyName) return
    const { name = '', namespace = '' } = paramRef
    const verb = name === '' ? 'list' : 'get'
    // Of no namespace in particular is of all of them.
    const where = { ...(name !== '' && { name }), ...(namespace !== '' && { namespace }) }
    if (mayRead(admission, { verb, ...resourceOf(await paramKindIn(policies, policyName)), ...where })) return
    throw refusal(admission, 'spec.paramRef', `does not have "${verb}" permission on the object referenced by paramRef`)
  }

  return {
    kinds: [validatingAdmissionPolicies, mutatingAdmissionPolicies, validatingAdmissionPolicyBindings, mutatingAdmissionPolicyBindings],
    async validate(admission) {
      const { kind, object, previous, operation, origin } = admission
      if (operation === 'DELETE' || object === undefined || isMaster(origin.user)) return
      // Of these kinds, as all that is admitted, and both sorts of each say what they read alike.
      if (policiesOf.has(kind)) await checkBinding(admission, (object as Binding).spec, (previous as Binding | undefined)?.spec)
      else checkPolicy(admission, (object as Policy).spec, (previous as Policy | undefined)?.spec)
    },
  }
})

const refusal = ({ kind, name, origin: { user } }: Admission, field: string, why: string) =>
  invalid(kind, name, [fieldForbidden(field, `user ${JSON.stringify(user.name)} ${why}`)])
