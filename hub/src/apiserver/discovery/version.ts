import { negotiate } from '../answers/negotiate.ts'
import type { PathRoute } from '../routes/route.ts'
import { builtFrom, kubernetesVersion } from '@bramble/shared/process/version.ts'

/** The Kubernetes that clients may take us for. */
export const versionInfo = Object.freeze({
  major: '1',
  minor: '35',
  gitVersion: kubernetesVersion,
  gitCommit: builtFrom,
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: `node${process.versions.node}`,
  compiler: 'v8',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
})

const at = /^\/version\/?$/

export const versionPath: PathRoute = {
  at,
  openAt: at,
  answer({ headers }) {
    negotiate(headers['accept'], 'plain')
    return { type: 'object', status: 200, object: versionInfo }
  },
}
