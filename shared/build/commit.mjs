import { execFileSync } from 'node:child_process'

/** The commit that the folder stands at; '' where there is no repository or no git. */
export function commitOf(folder) {
  try {
    return execFileSync('git', ['-C', folder, 'rev-parse', '--verify', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}
