import { expect, test } from 'vitest'
import { createMetrics } from './apiserver/metrics.ts'
import { createStore } from './store/mvcc.ts'
import { memoryLog } from './store/memory/memory-disk.ts'
import { storing } from './apiserver/objects/stored/storing.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { gaugesOf } from './gauges.ts'

test('the hub tells of its process and of what its controllers have to do, by the names that Prometheus and Kubernetes have for them', async () => {
  const store = await createStore({ log: memoryLog(), ...storing(createKindSet([])) })
  const controllers = { queues: () => [{ name: 'deployment', depth: 2, adds: 7, retries: 1 }] }
  const page = createMetrics().render(gaugesOf(store.stats, { controllers }))
  expect(page).toContain('# TYPE workqueue_adds_total counter\nworkqueue_adds_total{name="deployment"} 7\n')
  expect(page).toContain('# TYPE workqueue_depth gauge\nworkqueue_depth{name="deployment"} 2\n')
  expect(page).toContain('workqueue_retries_total{name="deployment"} 1\n')
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds'])
    expect(page).toMatch(new RegExp(`^${name} [\\d.]+$`, 'm'))
  await store.close()
})
