import type * as z from 'zod/mini'
import { marked } from '../discover.ts'

/** Who a broker client is, as its TLS connection proves it. */
export type Identity =
  | { readonly type: 'hub' }
  | { readonly type: 'node'; readonly name: string }
  /** No certificate yet: may do nothing but ask to join, on the topics of the one id it has chosen. */
  | { readonly type: 'joining'; readonly id: string }

export type TopicParams = Readonly<Record<string, string>>
/** Whether an identity may use a topic of the pattern whose `{names}` have these values. */
export type TopicRule = (identity: Identity, params: TopicParams) => boolean

/** One topic of the MQTT contract. The broker's access list is derived from these and from nothing else. */
export type TopicDefinition = {
  /** `$bramble/v1/n/{node}/u/{session}`: each `{name}` is one level. */
  readonly pattern: string
  readonly description: string
  readonly mayPublish: TopicRule
  readonly maySubscribe: TopicRule
  readonly qos: 0 | 1
  readonly retained: boolean
  /** `frame`: see `frame.ts`; otherwise the schema of the JSON or text payload. */
  readonly payload: 'frame' | z.ZodMiniType
}

export type Topic = TopicDefinition & {
  readonly isTopic: true
  /** The topic with these values in it. */
  readonly with: (params: TopicParams) => string
  /** The values in a topic; undefined when it is none of this pattern. A filter with wildcards never is. */
  readonly match: (topic: string) => TopicParams | undefined
}

export function defineTopic(definition: TopicDefinition): Topic {
  const levels = definition.pattern.split('/')
  const nameOf = (level: string) => (level.startsWith('{') ? level.slice(1, -1) : undefined)
  return Object.freeze({
    ...definition,
    isTopic: true as const,
    with: (params: TopicParams) =>
      levels
        .map((level) => {
          const name = nameOf(level)
          if (name === undefined) return level
          const value = params[name]
          if (value === undefined || !isLevel(value))
            throw new Error(`${definition.pattern} needs a level for ${name}, not ${String(value)}`)
          return value
        })
        .join('/'),
    match: (topic: string) => {
      const given = topic.split('/')
      if (given.length !== levels.length) return undefined
      const params: Record<string, string> = {}
      for (const [index, level] of levels.entries()) {
        const value = given[index] as string // both have the same length
        const name = nameOf(level)
        if (name === undefined ? level !== value : !isLevel(value)) return undefined
        if (name !== undefined) params[name] = value
      }
      return params
    },
  })
}

export const isTopic = marked<Topic>('isTopic')

// The rules that topics are made of.
export const nobody: TopicRule = () => false
export const hubOnly: TopicRule = ({ type }) => type === 'hub'
export const ownNode: TopicRule = (identity, { node }) => identity.type === 'node' && identity.name === node
export const ownJoin: TopicRule = (identity, { id }) => identity.type === 'joining' && identity.id === id
export const anyOf =
  (...rules: readonly TopicRule[]): TopicRule =>
  (identity, params) =>
    rules.some((rule) => rule(identity, params))

const isLevel = (value: string) => value !== '' && value.length <= 253 && !/[/+#\0]/.test(value)
