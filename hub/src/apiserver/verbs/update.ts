import type { Verb } from '../call.ts'
import { cloneJson } from '../json.ts'
import { objectFromBody } from '../object-body.ts'
import { changeObject, changedResponse } from './change.ts'

export const update: Verb = async (call) => {
  const body = objectFromBody(call)
  return changedResponse(call, await changeObject(call, { scope: 'main', next: () => cloneJson(body) }))
}
