import { readFileSync } from 'node:fs'

/** What a process did to the files below its folder, in order; paths begin at that folder. */
export type Operation =
  | { readonly kind: 'open'; readonly fd: number; readonly truncates: boolean; readonly isFolder: boolean; readonly path: string }
  | { readonly kind: 'write'; readonly fd: number; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly fd: number; readonly size: number }
  | { readonly kind: 'sync'; readonly fd: number }
  | { readonly kind: 'mkdir' | 'unlink' | 'rmdir'; readonly path: string }
  | { readonly kind: 'rename' | 'link'; readonly from: string; readonly to: string }

/** Reads what `shim.c` wrote. The process may have been killed in the middle of its last entry, which is left out. */
export function readRecording(file: string): readonly Operation[] {
  const bytes = readFileSync(file)
  const operations: Operation[] = []
  for (let at = 0; ;) {
    const newline = bytes.indexOf(10, at)
    if (newline === -1) return operations
    const [kind = '', ...fields] = bytes.toString('latin1', at, newline).split(' ')
    const numbers = fields.map(Number)
    const end = newline + 1 + (numbers.pop() ?? 0)
    if (end > bytes.length) return operations
    operations.push(operationOf(kind, numbers, bytes.subarray(newline + 1, end)))
    at = end
  }
}

function operationOf(kind: string, [fd = 0, second = 0, third = 0]: readonly number[], data: Buffer): Operation {
  switch (kind) {
    case 'open':
      return { kind, fd, truncates: second === 1, isFolder: third === 1, path: data.toString() }
    case 'write':
      return { kind, fd, offset: second, data }
    case 'truncate':
      return { kind, fd, size: second }
    case 'sync':
      return { kind, fd }
    case 'mkdir':
    case 'unlink':
    case 'rmdir':
      return { kind, path: data.toString() }
    case 'rename':
    case 'link': {
      const [from = '', to = ''] = data.toString().split('\0')
      return { kind, from, to }
    }
    default:
      throw new Error(`the recording has an operation ${JSON.stringify(kind)}`)
  }
}
