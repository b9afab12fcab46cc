import { openFrontDoor } from '../front-door.ts'
import { checkPrototypes } from '../refusals.ts'
import { defineTarget } from '../target.ts'

const pods = '/api/v1/namespaces/default/pods'

/** Paths and queries, as they stand in the first line of a request. */
export const urls = defineTarget({
  name: 'urls',
  seeds: [
    ...[
      '/',
      '/api',
      '/apis/apps/v1',
      '/openapi/v2',
      '/openapi/v3',
      '/version',
      '/healthz',
      '/metrics',
      `${pods}/a`,
      `${pods}/a/status`,
      `${pods}/a/log?container=c&tailLines=1`,
    ],
    ...[
      `${pods}?labelSelector=a%3Db,c&fieldSelector=metadata.name%3Da&limit=1`,
      `${pods}?limit=1&continue=eyJ2IjoxfQ&resourceVersion=1&resourceVersionMatch=Exact`,
    ],
    ...[
      `${pods}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
      '/api/v1/watch/pods?timeoutSeconds=1',
    ],
    ...[
      '/apis/apps/v1/namespaces/default/deployments/d/scale',
      '/api/v1/namespaces/default/services/a:80/proxy/x',
      '/api/v1/nodes/x/proxy',
      '/readyz?verbose&exclude=a',
    ],
  ],
  words: [
    ...[
      '/',
      '?',
      '&',
      '=',
      'watch=1',
      'limit=',
      'continue=',
      'resourceVersion=',
      'resourceVersionMatch=Exact',
      'labelSelector=',
      'fieldSelector=',
      'timeoutSeconds=0',
    ],
    ...[
      'pretty=1',
      'fieldManager=',
      'fieldValidation=Strict',
      'dryRun=All',
      'gracePeriodSeconds=-1',
      'propagationPolicy=Orphan',
      'sendInitialEvents=true',
      '-1',
      '1e9',
      '%2F',
      '%00',
    ],
  ],
  async open() {
    const ask = await openFrontDoor()
    return async (input, random) => {
      const url = input.toString('latin1')
      let path: string
      try {
        path = decodeURIComponent(url.split('?', 1)[0] ?? '')
      } catch {
        return // refused where the request is read
      }
      const query = url.includes('?') ? url.slice(url.indexOf('?')) : ''
      // Nothing may be deleted of what others are asked for.
      const method = random.pick(['GET', 'GET', 'GET', 'POST', 'PUT', 'PATCH'] as const)
      await ask({
        method,
        url: `${path}${query}`,
        headers: { 'content-type': 'application/json' },
        ...(method !== 'GET' && { body: Buffer.from('{}') }),
      })
      checkPrototypes()
    }
  },
})
