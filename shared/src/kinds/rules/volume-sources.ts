import type { Volume } from '../../types/volume.ts'

/** What every agent has mounted since the first version. A node tells what it mounts beside, and pods with that go to such nodes alone. */
export const commonVolumeSources = ['configMap', 'secret', 'downwardAPI', 'projected', 'emptyDir', 'hostPath'] as const
const common = new Set<string>(commonVolumeSources)

/** Labels of a Node, one for each source that its agent mounts beside those. */
const prefix = 'volumes.bramble.io/'

type Told = { readonly metadata: { readonly labels?: Readonly<Record<string, string>> | undefined } }

const furtherSources = (sources: readonly string[]): readonly string[] => sources.filter((source) => !common.has(source))

/** By which labels a node tells it. */
export const labelsOfSources = (sources: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(furtherSources(sources).map((source) => [`${prefix}${source}`, 'true']))

/** What a node tells that it mounts beside what all do. */
export const sourcesToldBy = ({ metadata: { labels = {} } }: Told): readonly string[] =>
  Object.keys(labels).flatMap((label) => (label.startsWith(prefix) ? [label.slice(prefix.length)] : []))

/** The sources of a pod's volumes that not every node mounts. */
export const furtherSourcesOf = (volumes: readonly Volume[] = []): readonly string[] =>
  // Hardly any has one.
  [...new Set(volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name' && !common.has(key))))]
