import type { Mutant } from './mutant.ts'

const webhooks = ['hub/src/apiserver/admission/webhooks/webhooks.test.ts']
const badOnes = ['hub/src/apiserver/admission/webhooks/bad-webhooks.test.ts']
const policies = ['hub/src/apiserver/admission/policies/validating-policies.test.ts']
const posted = ['hub/src/apiserver/behaviour/admission-of-posted.test.ts']
const connections = ['hub/src/apiserver/verbs/connect.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/admission/dynamic.ts',
    search: "group === 'admissionregistration.k8s.io' && exempt.has(kind)",
    replace: 'group.length < 0 && exempt.has(kind)',
    why: 'a broken webhook keeps its owner from taking it away',
    tests: webhooks,
  },
  {
    file: 'hub/src/apiserver/admission/dynamic.ts',
    search: 'let isOpen = false',
    replace: 'let isOpen = true',
    why: 'a broken webhook keeps the hub from starting',
    tests: webhooks,
  },
  {
    file: 'hub/src/apiserver/admission/webhooks/review.ts',
    search: "if ((response['uid'] ?? '') !== uid)",
    replace: 'if (false)',
    why: 'what a webhook answered to another question is taken for the answer to this one',
    tests: badOnes,
  },
  {
    file: 'hub/src/apiserver/admission/webhooks/review.ts',
    search: 'allowed: allowed === true,',
    replace: 'allowed: allowed !== undefined,',
    why: 'a refusal is taken for leave',
    tests: webhooks,
  },
  {
    file: 'hub/src/apiserver/admission/webhooks/validating.ts',
    search: "if (failurePolicy !== 'Ignore') return",
    replace: "if (failurePolicy === 'Ignore') return",
    why: 'what must be looked at passes while its webhook is down',
    tests: badOnes,
  },
  {
    file: 'hub/src/apiserver/admission/matching/selectors.ts',
    search: 'hasLabels(selector, object) || hasLabels(selector, oldObject)',
    replace: 'hasLabels(selector, object)',
    why: 'whoever takes his label away gets away with it',
    tests: webhooks,
  },
  {
    file: 'hub/src/apiserver/verbs/asked.ts',
    search: 'if ((metadata.namespace ?? server.namespace) !== server.namespace)',
    replace: 'if (false)',
    why: 'a webhook puts what is made in one namespace into another',
    tests: webhooks,
  },
  {
    file: 'hub/src/apiserver/verbs/asked.ts',
    search: "for (const field of ['uid', 'creationTimestamp'] as const)",
    replace: "for (const field of ['creationTimestamp'] as const)",
    why: 'a webhook gives a new object the uid of another',
    tests: webhooks,
  },
  {
    file: 'hub/src/apiserver/admission/policies/decide.ts',
    search: 'if (outcome.ok && outcome.value === true) continue',
    replace: 'if (!outcome.ok || outcome.value === true) continue',
    why: 'an expression that fails lets everything pass',
    tests: policies,
  },
  {
    file: 'hub/src/apiserver/admission/matching/evaluate.ts',
    search: 'if (most < celLimits.perCall || purse.left < 0) throw new Spent()',
    replace: '',
    why: 'a policy of many dear expressions holds up the hub',
    tests: policies,
  },
  {
    file: 'hub/src/apiserver/admission/policies/params.ts',
    search: "if (found.length === 0 && parameterNotFoundAction === 'Deny')",
    replace: 'if (false)',
    why: 'a policy whose limits were taken away holds nobody any more',
    tests: policies,
  },
  {
    file: 'hub/src/apiserver/admission/policies/matches.ts',
    search: '(rule) => nameMatches(rule, name)',
    replace: '() => true',
    why: 'a policy about one object is about all',
    tests: policies,
  },
  {
    file: 'hub/src/apiserver/reviews/review.ts',
    search: 'await askAboutPosted({ ...asked, kind }, type, body, alsoAs)',
    replace: '',
    why: 'reviews pass the webhooks that should look at them',
    tests: posted,
  },
  {
    file: 'hub/src/apiserver/admission/policies/validating-policies.ts',
    search: 'if (isReview(question)) return undefined',
    replace: '',
    why: 'a policy about everything keeps everybody from asking what he may do',
    tests: posted,
  },
  {
    file: 'hub/src/apiserver/verbs/connect.ts',
    search: 'await askToConnect({ ...call, origin }, type, options)',
    replace: '',
    why: 'a shell is opened that a webhook would have refused',
    tests: connections,
  },
]
