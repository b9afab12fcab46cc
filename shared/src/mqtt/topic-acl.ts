import { discover } from '../discover.ts'
import { isTopic, type Identity, type Topic } from './topic.ts'

/** Every topic of the contract. */
export const topics: readonly Topic[] = discover(import.meta.glob('./topics/*.ts', { eager: true }), isTopic)

/** What is in no topic file is allowed to nobody. */
export const mayPublish = (identity: Identity, topic: string): boolean => allowed(identity, topic, 'mayPublish')
export const maySubscribe = (identity: Identity, filter: string): boolean => allowed(identity, filter, 'maySubscribe')

/** Only a topic that is retained by contract may be published with the retain flag. */
export const mayRetain = (topic: string): boolean => topics.some(({ match, retained }) => retained && match(topic) !== undefined)

const allowed = (identity: Identity, topic: string, rule: 'mayPublish' | 'maySubscribe') =>
  topics.some((each) => {
    const params = each.match(topic)
    return params !== undefined && each[rule](identity, params)
  })
