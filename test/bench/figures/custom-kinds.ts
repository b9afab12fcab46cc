import { agentOf, ask } from '../../attacks/watcher.ts'
import { startHub } from '../../scale/hub.ts'
import { defineFigure, median } from '../figure.ts'
import { memoryMiB } from '../process.ts'

const count = 200
const restMs = 15_000
const rest = () => new Promise((resolve) => setTimeout(resolve, restMs))

/** From the POST of a large definition to its first answer, and what two hundred of them hold once each has an object. */
export const customKinds = defineFigure('custom-kinds', async () => {
  await using hub = await startHub()
  const { admin, pid } = hub
  const agent = agentOf(admin)
  const send = async (method: string, path: string, body?: unknown) => {
    const { status, text } = await ask(agent, admin.port, { method, path, ...(body !== undefined && { body: JSON.stringify(body) }) })
    if (status >= 500) throw new Error(`${method} ${path} answered ${status}: ${text}`)
    return status
  }
  await rest()
  const before = memoryMiB(pid).rss
  const served: number[] = []
  let bytes = 0
  for (let index = 0; index < count; index += 1) {
    const definition = definitionOf(index)
    bytes += JSON.stringify(definition).length
    const at = performance.now()
    await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
    while ((await send('GET', pathOf(index))) !== 200);
    served.push(performance.now() - at)
  }
  await rest()
  const stored = memoryMiB(pid).rss - before
  for (let index = 0; index < count; index += 1) await send('POST', pathOf(index), objectOf(index))
  await rest()
  const used = memoryMiB(pid).rss - before
  agent.destroy()
  const text = bytes / 1024 / 1024
  return [
    { figure: `a definition of ${Math.round(bytes / count / 1000)} KB: POST → served`, value: median(served), unit: 'ms', aim: '≤ 200 ms' },
    { figure: `hub memory for ${count} of them`, value: stored, unit: 'MiB', floor: text, floorIs: 'their text', aim: '' },
    { figure: '  each used once', value: used, unit: 'MiB', floor: text, floorIs: 'their text', aim: 'not hundreds' },
  ]
})

const group = 'bench.example.com'
const nameOf = (index: number) => `large${index}s`
const pathOf = (index: number) => `/apis/${group}/v1/namespaces/default/${nameOf(index)}`

const description =
  'What this field is for, said at the length at which the definitions of large operators say it, which is about a line and a half.'

/** Of the size and shape of those of cert-manager, Traefik and CloudNativePG: some hundred fields in a few levels, each described. */
function structOf(width: number, depth: number): object {
  const field = (index: number): object => {
    if (depth > 0 && index % 3 === 0) return structOf(width, depth - 1)
    if (index % 5 === 1) return { type: 'array', description, items: { type: 'string', maxLength: 253 } }
    if (index % 5 === 2) return { type: 'integer', format: 'int32', minimum: 0, description }
    return { type: 'string', description, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' }
  }
  const properties = Object.fromEntries(Array.from({ length: width }, (_, index) => [`field${depth}x${index}`, field(index)]))
  return { type: 'object', description, properties }
}

function definitionOf(index: number): object {
  const spec = structOf(15, 2)
  const schema = { openAPIV3Schema: { type: 'object', description, properties: { spec, status: structOf(15, 1) } } }
  const names = { plural: nameOf(index), singular: `large${index}`, kind: `Large${index}` }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${group}` },
    spec: {
      group,
      names,
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema, subresources: { status: {} } }],
    },
  }
}

const objectOf = (index: number): object => ({
  apiVersion: `${group}/v1`,
  kind: `Large${index}`,
  metadata: { name: 'one' },
  spec: { field2x2: 3, field2x3: { field1x4: 'a', field1x6: { field0x0: 'b' } } },
})
