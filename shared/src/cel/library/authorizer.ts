import {
  type AccessQuestion,
  type AuthorizerValue,
  AuthorizerValue as Authorizer,
  Check,
  DecisionValue,
  GroupCheck,
  ResourceCheck,
} from '../authorizer-values.ts'
import type { Budget } from '../budget.ts'
import { define, type Overload } from '../define.ts'
import { Fault } from '../values.ts'

/** What Kubernetes counts for a question, of which one evaluation has room for two. */
const checkUnits = 350_000

const ask = ({ access, serviceAccount }: AuthorizerValue, question: AccessQuestion, budget: Budget): DecisionValue => {
  budget.pay(checkUnits)
  return new DecisionValue(access({ ...question, ...(serviceAccount !== undefined && { serviceAccount }) }))
}

const nothing = { subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '' }

/** `authorizer.group('apps').resource('deployments').namespace('a').check('create').allowed()` */
export const authorizing = (): readonly Overload[] =>
  [
    define('Authorizer.path(string) PathCheck', (of, path) =>
      path.trim() === '' ? new Fault('path must not be empty') : new Check(of, path),
    ),
    define('Authorizer.group(string) GroupCheck', (of, group) => new GroupCheck(of, group)),
    define('Authorizer.serviceAccount(string, string) Authorizer', (of, namespace, name) =>
      isLabel(namespace) && isSubdomain(name)
        ? new Authorizer(of.access, { namespace, name })
        : new Fault('Invalid service account namespace or name'),
    ),
    define('GroupCheck.resource(string) ResourceCheck', ({ of, group }, resource) =>
      resource.trim() === '' ? new Fault('resource must not be empty') : new ResourceCheck(of, { group, resource, ...nothing }),
    ),
    define('ResourceCheck.subresource(string) ResourceCheck', (check, subresource) => check.with({ subresource })),
    define('ResourceCheck.namespace(string) ResourceCheck', (check, namespace) => check.with({ namespace })),
    define('ResourceCheck.name(string) ResourceCheck', (check, name) => check.with({ name })),
    define('ResourceCheck.fieldSelector(string) ResourceCheck', (check, fieldSelector) => check.with({ fieldSelector })),
    define('ResourceCheck.labelSelector(string) ResourceCheck', (check, labelSelector) => check.with({ labelSelector })),
    define('PathCheck.check(string) Decision', ({ of, path }, verb, budget) => ask(of, { path, verb }, budget)),
    define('ResourceCheck.check(string) Decision', ({ of, asked }, verb, budget) => ask(of, { ...asked, verb }, budget)),
    define('Decision.allowed() bool', ({ answer }) => answer.allowed),
    define('Decision.reason() string', ({ answer }) => answer.reason),
    define('Decision.errored() bool', ({ answer }) => answer.error !== ''),
    define('Decision.error() string', ({ answer }) => answer.error),
  ].map((overload) => ({
    ...overload,
    run(args, budget) {
      budget.pay(1)
      return overload.run(args, budget)
    },
  }))

const isLabel = (text: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
const isSubdomain = (text: string): boolean =>
  text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)
