import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { auditPath } from '../audit/page.ts'
import { negotiate } from '../answers/negotiate.ts'
import type { RemoteGroups } from '../aggregation/remote-groups.ts'
import type { PathRoute } from '../routes/route.ts'
import type { Routes } from '../routes/routes.ts'

const others = ['/healthz', '/livez', auditPath, '/metrics', '/openapi/v2', '/openapi/v3', '/readyz', '/version']

/** `GET /`: all that can be asked for next. */
export const createPaths = (routes: Pick<Routes, 'all'>, remote: Pick<RemoteGroups, 'all'>): PathRoute => ({
  at: /^\/(?:index\.html)?$/,
  anyMethodAt: /^/,
  answer({ headers }) {
    negotiate(headers['accept'], 'plain')
    const served = [...routes.all(), ...remote.all()].flatMap(({ group, version }) => {
      const at = apiVersionOf({ group, version })
      return group === '' ? [`/api/${at}`] : [`/apis/${group}`, `/apis/${at}`]
    })
    const paths = [...new Set(['/api', '/apis', ...served, ...others])].sort()
    return { type: 'object', status: 200, object: { paths } }
  },
})
