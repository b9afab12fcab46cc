import { describe, expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'
import { configMap, createTestApi } from './testing/api.ts'

const url = '/api/v1/namespaces/default/configmaps'

describe('the metrics of Kubernetes', () => {
  const opened = async () => {
    const api = await createTestApi()
    const page = async () => {
      const answer = await api.ask('GET', '/metrics')
      return answer.type === 'raw' ? String(answer.raw) : ''
    }
    return { ...api, page }
  }

  it('count watches while they last', async () => {
    const { ask, page } = await opened()
    const of = 'verb="WATCH",group="",version="v1",resource="configmaps",subresource="",scope="namespace",component="apiserver"'
    const stop = new AbortController()
    await ask('GET', `${url}?watch=true`, { signal: stop.signal })
    expect(await page()).toContain(`apiserver_longrunning_requests{${of}} 1\n`)
    stop.abort()
    expect(await page()).toContain(`apiserver_longrunning_requests{${of}} 0\n`)
  })

  it('time what each admission plugin does with a write, and say which it refused', async () => {
    const { json, page } = await opened()
    await json('POST', url, { body: configMap('a') })
    await json('POST', '/api/v1/namespaces/none/configmaps', { body: configMap('a') })
    const count = (rejected: boolean) =>
      new RegExp(
        `^apiserver_admission_controller_admission_duration_seconds_count\\{name="namespace-lifecycle",type="admit",operation="CREATE",rejected="${rejected}"\\} (\\d+)$`,
        'm',
      )
    const text = await page()
    expect(Number(count(false).exec(text)?.[1])).toBeGreaterThan(0)
    expect(Number(count(true).exec(text)?.[1])).toBe(1)
    expect(text).toMatch(/^apiserver_admission_controller_admission_duration_seconds_bucket\{.*,le="2.5"\} \d+$/m)
  })

  it('have room for so many names, and one place for those that come later', () => {
    const metrics = createMetrics()
    const of = (resource: string) => ({ group: 'a', version: 'v1', resource })
    for (let index = 0; index < 10_100; index++) metrics.watchEvents.add(of(`r${index}`))
    metrics.watchEvents.add(of('r1'))
    const page = metrics.render([])
    expect(page.split('\n').filter((line) => line.startsWith('apiserver_watch_events_total{')).length).toBe(10_001)
    expect(page).toContain('apiserver_watch_events_total{group="other",version="other",resource="other"} 100\n')
    expect(page).toContain('apiserver_watch_events_total{group="a",version="v1",resource="r1"} 2\n')
  })
})

it('each bucket counts what those below it count', () => {
  const metrics = createMetrics()
  const labels = { verb: 'GET', group: '', version: 'v1', resource: 'pods', subresource: '', scope: 'resource', component: 'apiserver' }
  for (const bytes of [10, 1000, 1001, 2e9]) metrics.responseSizes.of(labels).observe(bytes)
  const counts = [...metrics.render([]).matchAll(/^apiserver_response_sizes_bucket\{.*le="(.*)"\} (\d+)$/gm)].map(([, le, count]) => [
    le,
    count,
  ])
  expect(counts.slice(0, 3)).toEqual([
    ['1000', '2'],
    ['10000', '3'],
    ['100000', '3'],
  ])
  expect(counts.at(-1)).toEqual(['+Inf', '4'])
})
