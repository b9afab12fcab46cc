import * as z from 'zod'
import { taint } from './taint.ts'
import { f, message, opt } from './field.ts'
import { bool, text } from './scalars.ts'

export const configMapNodeConfigSource = message('ConfigMapNodeConfigSource', {
  namespace: f(1, text),
  name: f(2, text),
  uid: opt(3, text),
  resourceVersion: opt(4, text),
  kubeletConfigKey: f(5, text),
})
export type ConfigMapNodeConfigSource = z.infer<typeof configMapNodeConfigSource>

export const nodeConfigSource = message('NodeConfigSource', {
  configMap: opt(2, configMapNodeConfigSource),
})
export type NodeConfigSource = z.infer<typeof nodeConfigSource>

export const nodeSpec = message(
  'NodeSpec',
  {
    podCIDR: opt(1, text, { description: 'The network from which pods of this node get their addresses.' }),
    podCIDRs: opt(7, z.array(text), { list: 'set', patch: 'merge' }),
    providerID: opt(3, text, { description: 'What the machine is called by whoever provides it.' }),
    unschedulable: opt(4, bool, { description: 'Whether new pods are kept away (cordoned).' }),
    taints: opt(5, z.array(taint), { description: 'What keeps pods away that do not tolerate it.', list: 'atomic' }),
    configSource: opt(6, nodeConfigSource),
    externalID: opt(2, text),
  },
  { description: 'What was decided about a node.' },
)
export type NodeSpec = z.infer<typeof nodeSpec>
