import { expect, it } from 'vitest'
import { type AccessQuestion, AuthorizerValue, ResourceCheck } from '../authorizer-values.ts'
import { Budget, OutOfBudget } from '../budget.ts'
import { celLimits } from '../limits.ts'
import { plainValueOf } from '../plain-values.ts'
import { Fault, type Value } from '../values.ts'
import { compileFor } from './compile.ts'
import type { VariableName } from './environment.ts'

const environment = { hasParams: false, hasAuthorizer: true }
const asked: AccessQuestion[] = []
const authorizer = new AuthorizerValue((question) => {
  asked.push(question)
  return { allowed: question.verb === 'get', reason: 'because', error: '' }
})
const own = { group: 'apps', resource: 'deployments', subresource: '', namespace: 'a', name: 'b', fieldSelector: '', labelSelector: '' }
const values: Partial<Record<VariableName, Value>> = {
  object: plainValueOf({ spec: { replicas: 3, ratio: 0.5, none: null, 'a-b': 'c', list: [{ name: 'x' }] } }),
  authorizer,
  'authorizer.requestResource': new ResourceCheck(authorizer, own),
}

function evaluated(source: string): unknown {
  const compiled = compileFor(source, environment, 'any')
  if (!compiled.ok) return compiled.why.split('\n')[0]
  const value = compiled.program.evaluate(
    compiled.slots.map((name) => values[name]),
    new Budget(celLimits.perCall),
  )
  return value instanceof Fault ? value.message : value
}

it.each<[string, unknown]>([
  ['object.spec.replicas == 3 && object.spec.ratio < 1.0 && object.spec.none == null', true],
  ["object.spec['a-b'] == 'c' && object.spec.list.exists(i, i.name == 'x') && !has(object.spec.other)", true],
  ['object.spec.other', 'no such key: other'],
  ["authorizer.group('apps').resource('deployments').subresource('scale').namespace('a').name('b').check('get').allowed()", true],
  ["authorizer.path('/healthz').check('post').allowed()", false],
  ["authorizer.path('/healthz').check('post').reason()", 'because'],
  ["authorizer.path('').check('get').allowed()", 'path must not be empty'],
  ["authorizer.serviceAccount('a', 'No Name').path('/').check('get').allowed()", 'Invalid service account namespace or name'],
  ["authorizer.requestResource.check('delete').allowed() || authorizer.requestResource.check('get').errored()", false],
  // Whoever takes the name has it, and what is in it.
  ['object.spec.list.all(authorizer, authorizer.requestResource == 1)', 'no such key: requestResource'],
  [
    'authorizer.other',
    "compilation failed: ERROR: <input>:1:11: type 'kubernetes.authorization.Authorizer' does not support field selection",
  ],
])('%s', (source, value) => {
  expect(evaluated(source)).toBe(value)
})

it('an authorizer is asked in the words of a review', () => {
  asked.length = 0
  evaluated("authorizer.serviceAccount('a', 'jo').group('apps').resource('deployments').namespace('n').check('get').allowed()")
  evaluated("authorizer.requestResource.check('update').allowed()")
  const nothing = { subresource: '', name: '', fieldSelector: '', labelSelector: '' }
  expect(asked).toEqual([
    { ...nothing, group: 'apps', resource: 'deployments', namespace: 'n', verb: 'get', serviceAccount: { namespace: 'a', name: 'jo' } },
    { ...own, verb: 'update' },
  ])
})

it('a question is dear, so that an expression asks two and no third', () => {
  const check = "authorizer.path('/a').check('put').allowed()"
  expect(evaluated(`${check} || ${check}`)).toBe(false)
  expect(() => evaluated(`${check} || ${check} || ${check}`)).toThrow(OutOfBudget)
})

it('what it must be is told where it is something else', () => {
  const compiled = compileFor('1', environment, [{ tag: 'simple', name: 'bool' }])
  expect(compiled).toMatchObject({ ok: false, why: 'must evaluate to bool but got int' })
})
