/**
 * What either side says in hello and welcome that it knows beside the first version of the protocol. Who does not say it gets frames of
 * the first version alone; whatever comes later is a name here, and never a new version.
 */
export const features = {
  /** Streams have numbered channels in both directions and end with a status. */
  streams: 'streams',
  /** Takes messages in `maxParts.now` parts. */
  parts: 'parts',
  /** The hub acknowledges what a node sends, so that the node need not send more than a window ahead. */
  acks: 'acks',
  /** Takes several events of a watch in one frame, a line each. */
  lines: 'lines',
  /** Takes answers and events deflated: what is told to a whole fleet is packed once. */
  deflate: 'deflate',
  /** Takes more credit for a channel of a stream than was used: its window may be widened. A node that does may have a wide window of its own. */
  windows: 'windows',
  /** The node says which lives of the hub it knows, the hub which it has had and up to where it has those. */
  history: 'history',
} as const

export type Feature = keyof typeof features

export const ownFeatures: readonly string[] = Object.values(features)

export const featuresOf = (told: readonly string[] | undefined): ReadonlySet<Feature> =>
  new Set((told ?? []).filter((name): name is Feature => ownFeatures.includes(name)))
