import type { Mutant } from './mutant.ts'

const certificates = ['hub/src/apiserver/behaviour/certificate-requests.test.ts']
const priorities = ['hub/src/apiserver/behaviour/priorities.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/admission/plugins/pod-priority.ts',
    search: `if (spec.priority !== undefined && spec.priority !== value)`,
    replace: `if (spec.priority !== undefined && spec.priority < value)`,
    why: 'a pod gives itself the priority it likes',
    tests: priorities,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/pod-priority.ts',
    search: `if (operation === 'DELETE') return keepSystemClass(name)`,
    replace: `if (operation === 'DELETE') return`,
    why: 'the classes of the system can be deleted',
    tests: priorities,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/service-account.ts',
    search: `if (operation === 'UPDATE' && subresource === 'ephemeralcontainers')`,
    replace: `if (operation === 'CREATE' && subresource === 'ephemeralcontainers')`,
    why: 'who looks into a pod reads Secrets that its account may not use',
    tests: ['hub/src/apiserver/subresources/parts-of-pods.test.ts'],
  },
  {
    file: 'hub/src/apiserver/admission/plugins/service-account.ts',
    search: `if (secretsOf(added).length === 0) return`,
    replace: `return`,
    why: 'who deletes the account of a pod reads any Secret through it',
    tests: ['hub/src/apiserver/subresources/parts-of-pods.test.ts'],
  },
  {
    file: 'shared/src/meta/canonical-ip.ts',
    search: `const hasIpv4Tail = (text: string): boolean => text.includes(':') && text.lastIndexOf('.') > text.indexOf(':')`,
    replace: `const hasIpv4Tail = (text: string): boolean => /:.*\\./.test(text)`,
    why: 'a name of a million colons stops the hub',
    tests: ['shared/src/meta/canonical-ip.test.ts'],
  },
  {
    file: 'shared/src/kinds/rules/field-refs.ts',
    search: `  const { path, key } = subscript(fieldPath)`,
    replace: `  const [, path = '', key] = /^(.+)\\['(.*)'\\]$/s.exec(fieldPath) ?? []`,
    why: 'a pod whose field path is nothing but brackets stops the hub',
    tests: ['test/conformance/api/long-texts.test.ts'],
  },
  {
    file: 'shared/src/kinds/rules/rbac.ts',
    search: `isSameJson(roleRef, previous) ? []`,
    replace: `isSameJson(roleRef.kind, previous.kind) ? []`,
    why: 'a binding is turned into one of another role',
    tests: ['shared/src/kinds/rules/rbac.test.ts'],
  },
  {
    file: 'hub/src/apiserver/admission/plugins/node-events.ts',
    search: `kinds: [events, reportedEvents],`,
    replace: `kinds: [events],`,
    why: 'a node fills the memory with events of the other group',
    tests: ['hub/src/apiserver/behaviour/events-of-two-groups.test.ts'],
  },
  {
    file: 'shared/src/schema/fitting-kinds.ts',
    search: `if (!isOfGroup && !isOfPlace) continue`,
    replace: `if (!isOfGroup) continue`,
    why: 'two kinds lie in one place and read each other as their own',
    tests: ['shared/src/schema/kind-set.test.ts'],
  },
  {
    file: 'hub/src/apiserver/admission/plugins/certificate-requests.ts',
    search: `spec.username = user.name`,
    replace: `spec.username ??= user.name`,
    why: 'a request for a certificate says that somebody else asks',
    tests: certificates,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/certificate-requests.ts',
    search: `if (way === 'approval' || type === 'Failed') return []`,
    replace: `if (way !== undefined || type === 'Failed') return []`,
    why: 'who may only write the status approves',
    tests: certificates,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/certificate-requests.ts',
    search: `read.organizations.includes('system:masters')`,
    replace: `read.organizations.length > 5`,
    why: 'a certificate of an administrator is asked for as one of a client',
    tests: certificates,
  },
  {
    file: 'shared/src/certificates/signing-request.ts',
    search: `if (!verify(hash, info.whole, publicKey, signature.content.subarray(1)))`,
    replace: `if (!publicKey)`,
    why: 'a certificate is asked for with the key of somebody else',
    tests: certificates,
  },
]
