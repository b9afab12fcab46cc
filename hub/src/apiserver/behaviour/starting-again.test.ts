import { expect, it } from 'vitest'
import type { FrontProxy } from '../aggregation/authentication-config.ts'
import type { Identity } from '../remote/remote-agent.ts'
import { memoryLog } from '../../store/memory/memory-disk.ts'
import { createTestApi } from '../testing/api.ts'

const proxyOf = (ca: string): FrontProxy & { readonly identity: () => Identity } => ({
  ...{ clientCa: 'clients', ca, commonName: 'front-proxy-client' },
  identity: () => ({ cert: '', key: '' }),
})
const authentication = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'

it.each([
  ['may not be changed any more', { immutable: true }, {}],
  ['has its keys for something else', { binaryData: { 'client-ca-file': 'YQ==' } }, { data: null }],
])('a hub starts again and serves although the ConfigMap of its authorities %s', async (_what, change, beside) => {
  const log = memoryLog()
  const first = await createTestApi({ frontProxy: proxyOf('before') }, log)
  const changed = await first.json('PATCH', authentication, { contentType: 'application/merge-patch+json', body: { ...change, ...beside } })
  expect(changed.code).toBe(200)
  first.server.close()

  const second = await createTestApi({ frontProxy: proxyOf('after') }, log)
  expect((await second.json('GET', authentication)).body).toMatchObject(change)
})
