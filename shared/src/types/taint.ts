import type * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { int64, text, time } from './scalars.ts'

export const taint = message(
  'Taint',
  {
    key: f(1, text, { description: 'What the taint is called.' }),
    value: opt(2, text, { description: 'A value that tolerations can ask for.' }),
    effect: f(3, oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule'), {
      description: 'NoSchedule keeps new pods away, PreferNoSchedule tries to, NoExecute also evicts those that run.',
    }),
    timeAdded: opt(4, time, { description: 'Since when it stands.' }),
  },
  { description: 'Keeps pods away from a node that do not tolerate it.' },
)
export type Taint = z.infer<typeof taint>

export const toleration = message(
  'Toleration',
  {
    key: opt(1, text, { description: 'The taint it is about; empty with Exists: all of them.' }),
    operator: opt(2, oneOf('Equal', 'Exists'), { description: 'Equal (default) compares the value, Exists takes any.' }),
    value: opt(3, text, { description: 'The value that the taint must have.' }),
    effect: opt(4, oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule'), { description: 'The effect it is about; empty: all of them.' }),
    tolerationSeconds: opt(5, int64, { description: 'How long a NoExecute taint is put up with.', ptr: true }),
  },
  { description: 'A taint that a pod puts up with.' },
)
export type Toleration = z.infer<typeof toleration>
