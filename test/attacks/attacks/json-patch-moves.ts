import { defineAttack } from '../attack.ts'

const pods = '/api/v1/namespaces/default/pods'

/** JSON patches that move the first element of a long list to its end, thousands of times: each once held the loop for seconds. */
export const jsonPatchMoves = defineAttack('json-patch-moves', async ({ ask }) => {
  const tolerations = Array.from({ length: 5_000 }, (_, index) => ({ key: `k${index}`, operator: 'Exists' }))
  const spec = { schedulerName: 'nobody', tolerations, containers: [{ name: 'c', image: 'none.invalid/none:1' }] }
  const made = await ask('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'moved' }, spec })
  const codes: string[] = []
  for (const count of [1_000, 10_000, 100_000]) {
    const moves = Array.from({ length: count }, () => ({ op: 'move', from: '/spec/tolerations/0', path: '/spec/tolerations/-' }))
    const at = performance.now()
    const { status } = await ask('PATCH', `${pods}/moved`, moves, 'application/json-patch+json')
    codes.push(`${count}: ${status} in ${(performance.now() - at).toFixed(0)} ms`)
  }
  await ask('DELETE', `${pods}/moved?gracePeriodSeconds=0`)
  return `made: ${made.status}; moves ${codes.join(', ')}`
})
