import { createLog } from '@bramble/shared/logging/log.ts'
import { expect, it } from 'vitest'
import { configMap, createTestApi } from '../../testing/api.ts'
import { configuration, configurationsAt, rule, webhooksAnswering } from '../../testing/admission-webhook.ts'

it.each(['Ignore', 'Fail'])(
  'however many requests meet a webhook that is down, the log is told once (%s), and when it is back',
  async (failurePolicy) => {
    let isDown = true
    const { post } = webhooksAnswering(() => {
      if (isDown) throw new Error('connection refused')
      return undefined
    })
    const lines: string[] = []
    const log = createLog({ write: (line) => lines.push((JSON.parse(line) as { message: string }).message) })
    const { json } = await createTestApi({ postToWebhook: post, log })
    const body = configuration('Validating', 'a', { rules: [rule('configmaps')], failurePolicy })
    expect((await json('POST', configurationsAt('validating'), { body })).code).toBe(201)
    lines.length = 0
    const create = async (name: string) => (await json('POST', '/api/v1/namespaces/default/configmaps', { body: configMap(name) })).code
    for (const name of ['a', 'b', 'c']) expect(await create(name)).toBe(failurePolicy === 'Fail' ? 500 : 201)
    isDown = false
    for (const name of ['d', 'e']) expect(await create(name)).toBe(201)
    expect(lines).toEqual([
      'a webhook is not heard, and what it is asked about is refused or goes on without it',
      'a webhook is heard again',
    ])
  },
)
