import type { Budget } from '../budget.ts'
import { define, type Overload } from '../define.ts'
import { hasItem } from '../equality.ts'
import type { CelList } from '../values.ts'

export const sets = (): readonly Overload[] => [
  define('.sets.contains(list<A>, list<A>) bool', (list, wanted, budget) => hasAll(list, wanted, budget)),
  define('.sets.equivalent(list<A>, list<A>) bool', (a, b, budget) => hasAll(a, b, budget) && hasAll(b, a, budget)),
  define('.sets.intersects(list<A>, list<A>) bool', (a, b, budget) => {
    budget.pay(1)
    for (let index = 0; index < a.size; index++) if (hasItem(b, a.at(index), budget)) return true
    return false
  }),
]

function hasAll(list: CelList, wanted: CelList, budget: Budget): boolean {
  budget.pay(1)
  for (let index = 0; index < wanted.size; index++) if (!hasItem(list, wanted.at(index), budget)) return false
  return true
}
