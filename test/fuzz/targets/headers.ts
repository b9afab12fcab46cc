import { openFrontDoor } from '../front-door.ts'
import { podJson } from '../samples.ts'
import { defineTarget } from '../target.ts'

const names = ['accept', 'content-type', 'user-agent', 'authorization', 'if-none-match', 'impersonate-user', 'accept-encoding'] as const

/** One header of a request: what is wanted, what is sent, who asks. */
export const headers = defineTarget({
  name: 'headers',
  seeds: [
    ...[
      'application/json',
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
      '*/*;q=0.1',
    ],
    ...[
      'application/vnd.kubernetes.protobuf,application/yaml;q=0.5',
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
      'text/html, text/*;q=0.3',
    ],
    ...[
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      'Bearer abc.def',
      'Basic am86eA==',
      'kubectl/v1.35 (linux/arm64)',
      '"etag", W/"x"',
    ],
  ],
  words: [
    'application/',
    'json',
    'yaml',
    ';',
    ',',
    '=',
    'q=',
    'as=Table',
    'g=meta.k8s.io',
    'v=v1',
    'stream=watch',
    'charset=utf-8',
    '*/*',
    '"',
    'Bearer ',
    'apply-patch+yaml',
  ],
  async open() {
    const ask = await openFrontDoor()
    const body = Buffer.from(JSON.stringify(podJson))
    return async (input, random) => {
      const header = random.pick(names)
      const given = { 'content-type': 'application/json', [header]: input.toString('latin1') }
      const [method, url] = random.pick([
        ['GET', '/api/v1/namespaces/default/pods'],
        ['GET', '/api/v1/namespaces/default/pods/a'],
        ['GET', '/apis'],
        ['GET', '/openapi/v2'],
        ['POST', '/api/v1/namespaces/default/pods?dryRun=All'],
        ['PATCH', '/api/v1/namespaces/default/pods/a?dryRun=All'],
      ] as const)
      await ask({ method, url, headers: given, ...(method !== 'GET' && { body }) })
    }
  },
})
