import * as z from 'zod'
import { f, message, opt } from './field.ts'
import { text } from './scalars.ts'

export const topologySelectorLabelRequirement = message('TopologySelectorLabelRequirement', {
  key: f(1, text, { description: 'The label of a node.' }),
  values: f(2, z.array(text), { description: 'The values it may have.', list: 'atomic' }),
})
export type TopologySelectorLabelRequirement = z.infer<typeof topologySelectorLabelRequirement>

export const topologySelectorTerm = message(
  'TopologySelectorTerm',
  {
    matchLabelExpressions: opt(1, z.array(topologySelectorLabelRequirement), { description: 'All of them must hold.', list: 'atomic' }),
  },
  { map: 'atomic' },
)
export type TopologySelectorTerm = z.infer<typeof topologySelectorTerm>
