import type { Mutant } from './mutant.ts'

const quota = ['hub/src/apiserver/quota/quota.test.ts']
const limits = ['hub/src/apiserver/admission/plugins/limit-ranger.test.ts']
const tokens = ['edge-agent/src/kubelet/tokens/pod-tokens.test.ts']
const volumes = ['edge-agent/src/kubelet/volumes/pod-volumes.test.ts']
const shown = ['hub/src/apiserver/admission/token-volume.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/quota/desk.ts',
    search: `if (batch.add(job, job.plan())) standings = charged.standings`,
    replace: `if (batch.add(job, job.plan())) void charged.standings`,
    why: 'many creators together get more than their quota allows',
    tests: quota,
  },
  {
    file: 'hub/src/apiserver/quota/desk.ts',
    search: `writes: others.flatMap(({ one, at }) => (isSame(at) ? [] : [quotasOf.withUsed(one, usedOf(at))])),`,
    replace: `writes: [],`,
    why: 'nothing is counted that is made under a quota',
    tests: quota,
  },
  {
    file: 'hub/src/apiserver/quota/desk.ts',
    search: `.filter(({ one }) => !batch.has(one.entry.key))`,
    replace: ``,
    why: 'a quota that counts quotas comes back when it is deleted',
    tests: quota,
  },
  {
    file: 'hub/src/apiserver/objects/registry.ts',
    search: `const before = desk?.counts(kind, undefined) === true ? asItWas(kind, expected) : undefined`,
    replace: `const before = undefined`,
    why: 'what is deleted takes room in a quota until somebody counts again',
    tests: quota,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/resource-quota.ts',
    search: `if (!dryRun || operation === 'DELETE') return`,
    replace: `if (operation !== 'DELETE') return`,
    why: 'a dry run says that something could be made which has no room',
    tests: quota,
  },
  {
    file: 'hub/src/apiserver/admission/limits/bounds.ts',
    search: `if (isLess(most, limit)) return`,
    replace: `if (isLess(limit, most)) return`,
    why: 'a container may take more than its namespace lets it',
    tests: limits,
  },
  {
    file: 'hub/src/apiserver/admission/token-volume.ts',
    search: `if (!wantsToken(pod, account)) return`,
    replace: `if (!wantsToken(pod, undefined)) return`,
    why: 'pods are shown a token that their account does not want shown',
    tests: shown,
  },
  {
    file: 'edge-agent/src/kubelet/tokens/bearer.ts',
    search: `issuedAt + Math.min(dayMs, 0.8 *`,
    replace: `issuedAt + Math.max(dayMs, 0.8 *`,
    why: 'a token is used until it is over',
    tests: tokens,
  },
  {
    file: 'edge-agent/src/kubelet/volumes/sources/projected.ts',
    search: `user === undefined && fsGroup === undefined ? defaultMode : 0o600`,
    replace: `user === undefined || fsGroup === undefined ? defaultMode : 0o600`,
    why: 'the token of a pod can be read by users that it is not for',
    tests: volumes,
  },
  {
    file: 'edge-agent/src/kubelet/volumes/payload-writer.ts',
    search: `if (current === undefined || !dataName.test(current)) return undefined`,
    replace: `if (current === undefined) return undefined`,
    why: 'who turns a link in a volume has a file of the board taken for a token',
    tests: volumes,
  },
]
