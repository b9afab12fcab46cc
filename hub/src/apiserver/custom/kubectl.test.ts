import { afterAll, beforeAll, expect, it } from 'vitest'
import { definitionOf } from '../testing/definitions.ts'
import { type Kubectl, startKubectl } from '../testing/kubectl.ts'

const schema = {
  type: 'object',
  description: 'A machine on a bench.',
  properties: {
    spec: {
      type: 'object',
      description: 'What it shall be.',
      required: ['size'],
      properties: {
        size: { type: 'integer', description: 'How large it is.', minimum: 1 },
        limit: {
          'x-kubernetes-int-or-string': true,
          anyOf: [{ type: 'integer' }, { type: 'string' }],
          description: 'A share or a number.',
        },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        maybe: { type: 'string', nullable: true },
        ports: {
          type: 'array',
          description: 'Where it listens.',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port'],
          items: {
            type: 'object',
            required: ['port'],
            properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP', enum: ['TCP', 'UDP'] } },
          },
        },
        template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: { type: 'object', properties: { ready: { type: 'boolean' } } },
  },
}
const definition = definitionOf({
  ...{ kind: 'Lathe', plural: 'lathes', names: { shortNames: ['la'], categories: ['bench'] } },
  version: {
    ...{ schema: { openAPIV3Schema: schema }, subresources: { status: {} } },
    additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
  },
})
const lathe = (spec: string) => `{apiVersion: stable.example.com/v1, kind: Lathe, metadata: {name: a}, spec: ${spec}}`

let running: Kubectl
const kubectl: Kubectl['kubectl'] = (args, stdin) => running.kubectl(args, stdin)
beforeAll(async () => {
  running = await startKubectl()
  expect(await kubectl(['apply', '-f', '-'], JSON.stringify(definition))).toMatchObject({ code: 0 })
}, 60_000)
afterAll(() => running[Symbol.asyncDispose]())

it('explains a custom kind with all that is within it', async () => {
  const { out } = await kubectl(['explain', 'lathes.spec', '--recursive'])
  for (const line of [
    'FIELD: spec <Object>',
    '  free\t<Object>',
    '  labels\t<map[string]string>',
    '  limit\t<Object>',
    '  maybe\t<string>',
    '  ports\t<[]Object>',
    '    port\t<integer> -required-',
    '    protocol\t<string>',
    '  size\t<integer> -required-',
    '  template\t<Object>',
  ])
    expect(out).toContain(line)
  expect((await kubectl(['explain', 'la'])).out).toContain('A machine on a bench.')
}, 60_000)

it('applies objects of it, shows and diffs them, and refuses fields that it does not know', async () => {
  const good = lathe('{size: 1, limit: 5%, labels: {a: b}, free: {x: [1]}, maybe: null, ports: [{port: 80, protocol: TCP}]}')
  expect((await kubectl(['apply', '-f', '-'], good)).out).toBe('lathe.stable.example.com/a created\n')
  expect((await kubectl(['apply', '-f', '-'], good)).out).toBe('lathe.stable.example.com/a unchanged\n')
  expect((await kubectl(['get', 'la'])).out).toMatch(/^NAME +SIZE\na +1\n$/)
  expect((await kubectl(['get', 'bench', '-o', 'jsonpath={.items[*].spec.limit}'])).out).toBe('5%')
  const { err, code } = await kubectl(['apply', '-f', '-'], lathe('{size: 1, sise: 2, ports: [{port: 1, name: x}]}'))
  expect(code).toBe(1)
  expect(err).toContain('strict decoding error: unknown field "spec.ports[0].name", unknown field "spec.sise"')
  expect((await kubectl(['apply', '-f', '-'], lathe('{size: 0}'))).err).toContain(
    'The Lathe "a" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
  )
  expect((await kubectl(['diff', '-f', '-'], lathe('{size: 3}'))).out).toContain('+  size: 3')
  expect((await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], lathe('{size: 4, ports: [{port: 81}]}'))).out).toBe(
    'lathe.stable.example.com/a serverside-applied\n',
  )
  expect((await kubectl(['get', 'lathe', 'a', '-o', 'jsonpath={.spec.ports[*].port} {.spec.ports[*].protocol}'])).out).toBe('81 TCP')
  expect((await kubectl(['describe', 'lathe', 'a'])).out).toContain('Size:')
}, 60_000)
