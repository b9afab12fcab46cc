import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname

test.each(['shared/src', 'hub/src', 'hub/src/apiserver', 'edge-agent/src', 'edge-agent/src/kubelet'])(
  'at the top of %s stand at most a dozen files: whoever opens it sees rooms with names',
  (folder) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true })
    expect(entries.filter((entry) => entry.isDirectory()).length).toBeGreaterThan(4)
    expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name).length).toBeLessThanOrEqual(12)
  },
)
