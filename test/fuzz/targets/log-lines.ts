import { parseLogLine } from '../../../edge-agent/src/kubelet/logs/log-line.ts'
import { defineTarget } from '../target.ts'

export const logLines = defineTarget({
  name: 'log-lines',
  seeds: ['2026-01-02T03:04:05.678901234Z stdout F the text', '2026-01-02T03:04:05Z stderr P:x a part'],
  words: [' ', 'stdout', 'stderr', 'P', 'F', 'P:', '\n'],
  open: () => (input) => {
    const line = parseLogLine(input)
    if (line !== undefined && line.text.length > input.length) throw new Error('more text than there was')
  },
})
