import { afterEach } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { createTestCa } from './certificates.ts'
import { startHub, type TestHub } from './hub-and-node.ts'
import { rawNode } from './raw-client.ts'
import { createSmallApi } from './small-api.ts'

export const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
export const pod = (name: string, filler = ''): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', annotations: { filler } },
})
export const at = (name: string) => `/api/v1/namespaces/default/pods/${name}`

/** A hub, and nodes with certificates of its CA that say what a test wants; all that is kept ends with the test. */
export function rudeNodes() {
  const ca = createTestCa()
  const opened: { stop(): unknown }[] = []
  afterEach(async () => {
    for (const thing of opened.splice(0)) await thing.stop()
  })
  const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
  return {
    ca,
    keep,
    async open() {
      const api = createSmallApi()
      const hub = keep(await startHub(api.handler, { ca }))
      return { api, hub }
    },
    async rude(hub: TestHub, node = 'evil') {
      const client = await rawNode(hub, node)
      keep({ stop: client.end })
      return client
    },
    certificate: (node: string) => ca.issue(`/O=system:nodes/CN=system:node:${node}`),
  }
}
