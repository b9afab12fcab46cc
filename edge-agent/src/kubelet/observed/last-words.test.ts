import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  containerNameLabel,
  podUidLabel,
  restartCountAnnotation,
  terminationMessagePathAnnotation,
  terminationMessagePolicyAnnotation,
} from './labels.ts'
import { lastWordsReader } from './last-words.ts'
import { podPaths } from '../paths.ts'

describe('the last words of a container', () => {
  let dir: string
  let file: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'last-words-'))
    file = podPaths(dir).terminationLog('u1', 'main', 2)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(join(dir, 'shadow'), 'a secret of the host')
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const read = (more: { readonly policy?: string; readonly exitCode?: number; readonly mounts?: readonly object[] } = {}) => {
    const status = {
      labels: { [podUidLabel]: 'u1', [containerNameLabel]: 'main' },
      annotations: {
        [restartCountAnnotation]: '2',
        [terminationMessagePathAnnotation]: '/dev/termination-log',
        [terminationMessagePolicyAnnotation]: more.policy ?? 'File',
      },
      mounts: more.mounts ?? [],
      logPath: join(dir, '0.log'),
      exitCode: more.exitCode ?? 1,
    }
    return lastWordsReader(podPaths(dir))(status)
  }

  it('are the first 4096 bytes of our own file', async () => {
    writeFileSync(file, `${'x'.repeat(4096)}more`)
    expect(await read()).toBe('x'.repeat(4096))
  })

  it('are never read through a link that stands in its place', async () => {
    symlinkSync(join(dir, 'shadow'), file)
    expect(await read()).toBe('')
  })

  it('are not what the pod mounted at the same path', async () => {
    writeFileSync(file, 'mine')
    expect(await read({ mounts: [{ containerPath: '/dev/termination-log', hostPath: join(dir, 'shadow') }] })).toBe('mine')
  })

  it('do not wait at a FIFO, neither for the message nor for the log', async () => {
    execFileSync('mkfifo', [file, join(dir, '0.log')])
    expect(await read({ policy: 'FallbackToLogsOnError' })).toBe('')
  })

  it('are the end of the log when it failed and left none, its parts joined before anything is decoded', async () => {
    const euro = Buffer.from('€')
    const line = (tag: string, text: Buffer) => Buffer.concat([Buffer.from(`2026-06-01T12:00:00Z stdout ${tag} `), text, Buffer.from('\n')])
    writeFileSync(join(dir, '0.log'), Buffer.concat([line('P', euro.subarray(0, 1)), line('F', euro.subarray(1))]))
    expect(await read({ policy: 'FallbackToLogsOnError' })).toBe('€\n')
    expect(await read({ policy: 'FallbackToLogsOnError', exitCode: 0 })).toBe('')
    expect(await read()).toBe('')
  })

  it('are at most 80 lines of the log', async () => {
    writeFileSync(join(dir, '0.log'), Array.from({ length: 200 }, (_, index) => `2026-06-01T12:00:00Z stdout F ${index}\n`).join(''))
    const words = await read({ policy: 'FallbackToLogsOnError' })
    expect(words.split('\n').slice(0, -1)).toEqual(Array.from({ length: 80 }, (_, index) => `${120 + index}`))
  })
})
