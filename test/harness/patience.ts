import { vi } from 'vitest'

/** Well below a test's own time, so that what is said at the end is what was waited for. */
const timeout = 30_000
const { waitFor } = vi

// A condition that is waited for may take long on a loaded machine; vitest gives up after a second.
vi.waitFor = (holds, options = {}) => waitFor(holds, typeof options === 'number' ? options : { timeout, ...options })
