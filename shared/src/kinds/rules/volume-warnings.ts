import { parseQuantity } from '../../meta/quantity.ts'
import type { NodeSelectorTerm } from '../../types/affinity.ts'
import { nodeTermWarnings } from './old-node-labels.ts'

type Annotations = Readonly<Record<string, string>> | undefined
type Claim = {
  readonly metadata: { readonly annotations?: Annotations }
  readonly spec: { readonly resources?: { readonly requests?: Readonly<Record<string, string>> } }
}
type Volume = {
  readonly metadata: { readonly annotations?: Annotations }
  readonly spec: {
    readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms: readonly NodeSelectorTerm[] } }
    readonly persistentVolumeReclaimPolicy: string
  }
}

const oldAnnotations = (annotations: Annotations, known: readonly (readonly [key: string, text: string])[]): string[] =>
  known.flatMap(([key, text]) =>
    annotations !== undefined && Object.hasOwn(annotations, key) ? [`metadata.annotations[${key}]: ${text}`] : [],
  )

const storageClass = ['volume.beta.kubernetes.io/storage-class', 'deprecated since v1.8; use "storageClassName" attribute instead'] as const

export function claimWarnings({ metadata: { annotations }, spec }: Claim): string[] {
  const size = spec.resources?.requests?.['storage']
  return [
    ...oldAnnotations(annotations, [
      storageClass,
      ['volume.beta.kubernetes.io/storage-provisioner', 'deprecated since v1.23; use "volume.kubernetes.io/storage-provisioner" instead'],
    ]),
    ...(size !== undefined && parseQuantity(size).nano % 1_000_000_000n !== 0n
      ? [`spec.resources.requests[storage]: fractional byte value ${JSON.stringify(size)} is invalid, must be an integer`]
      : []),
  ]
}

const oldSources = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const

export function volumeWarnings({ metadata: { annotations }, spec }: Volume): string[] {
  const found = oldAnnotations(annotations, [
    storageClass,
    ['volume.beta.kubernetes.io/mount-options', 'deprecated since v1.31; use "mountOptions" attribute instead'],
  ])
  for (const [i, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries())
    nodeTermWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, (path, text) => void found.push(`${path}: ${text}`))
  if (spec.persistentVolumeReclaimPolicy === 'Recycle')
    found.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    )
  for (const [source, text] of oldSources)
    if ((spec as Readonly<Record<string, unknown>>)[source] !== undefined)
      found.push(`spec.${source === 'storageos' ? 'storageOS' : source}: ${text}`)
  return found
}
