import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createLog } from '@bramble/shared/logging/log.ts'
import { logFile } from './log-file.ts'
import { type Output, standardOutput, writtenLines } from './written-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'bramble-audit-'))
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
})
const path = join(folder, 'audit.log')
const day = 86_400_000

function fileWith({ most = 0, days = 0, maxBytes = 100 } = {}) {
  const time = { now: Date.UTC(2026, 10, 28, 7, 30) }
  const output = logFile({ path, maxBytes, backups: { most, days }, clock: { now: () => time.now, monotonic: () => 0 } })
  return { time, output, write: (text: string) => output.write(Buffer.from(text)) }
}

describe('the file of the audit log', () => {
  it('is put aside when it is full, under a name that says when, and one that is taken is taken from nobody', async () => {
    const { write, output, time } = fileWith()
    for (const letter of ['a', 'b', 'c']) await write(`${letter.repeat(79)}\n`)
    await output.close()
    expect(readdirSync(folder).sort()).toEqual([...['audit-2026-11-28T07-30-00.000.log', 'audit-2026-11-28T07-30-00.001.log', 'audit.log']])
    expect(readFileSync(path, 'utf8')).toBe(`${'c'.repeat(79)}\n`)
    expect(time.now).toBeGreaterThan(0)
  })

  it('keeps as many as it should for as long as it should, and leaves what is called otherwise', async () => {
    for (const name of ['audit-old.log', 'audit-2026-01-01T00-00-00.000.txt', 'other-2026-01-01T00-00-00.000.log'])
      writeFileSync(join(folder, name), 'x')
    const { write, output, time } = fileWith({ most: 2, days: 10 })
    for (let number = 0; number < 5; number++) {
      await write(`${String(number).repeat(79)}\n`)
      time.now += day
    }
    const aside = () => readdirSync(folder).filter((name) => /^audit-20.*log$/.test(name))
    expect(aside()).toHaveLength(2)
    time.now += 30 * day
    await write(`${'z'.repeat(79)}\n`)
    await output.close()
    expect(aside()).toHaveLength(1)
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['audit-old.log', 'audit-2026-01-01T00-00-00.000.txt']))
  })

  it('goes on after a line that a power cut has torn, and is made anew when somebody has taken it away', async () => {
    writeFileSync(path, '{"a":1}\n{"b":')
    const { write, output } = fileWith()
    await write('{"c":1}\n')
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":\n{"c":1}\n')
    rmSync(path)
    await write('{"d":1}\n')
    await output.close()
    expect(readFileSync(path, 'utf8')).toBe('{"d":1}\n')
  })

  it('of which a full disk takes a part only is no worse off than before', async () => {
    if (!existsSync('/dev/full')) return
    symlinkSync('/dev/full', path)
    await expect(fileWith().write('{"c":1}\n')).rejects.toThrow(/ENOSPC/)
  })
})

describe('lines', () => {
  const collecting = () => {
    const batches: string[] = []
    const state = { error: undefined as Error | undefined }
    const output: Output = {
      async write(bytes) {
        if (state.error !== undefined) throw state.error
        batches.push(Buffer.from(bytes).toString())
      },
      close: async () => void batches.push('closed'),
    }
    return { batches, state, output }
  }
  const quiet = (told: string[] = []) => createLog({ write: (text) => void told.push(text) })

  it('are written together, and the last of them before the hub stops', async () => {
    const { batches, output } = collecting()
    const { take, service } = writtenLines({ output, log: quiet(), onLost: () => {}, gatherMs: 60_000 })
    const stop = new AbortController()
    const running = service.run(stop.signal)
    for (const text of ['a', 'b', 'c']) expect(take(text, '')).toBe(true)
    stop.abort()
    await running
    expect(batches).toEqual(['a\nb\nc\n', 'closed'])
  })

  it('beyond what may wait are lost, and there is room again when some are written', async () => {
    const { batches, output } = collecting()
    const { take, service } = writtenLines({ output, log: quiet(), onLost: () => {}, gatherMs: 0, maxWaitingBytes: 10 })
    expect([take('aaaa', ''), take('bbbb', ''), take('c', '')]).toEqual([true, true, false])
    const stop = new AbortController()
    const running = service.run(stop.signal)
    await expect.poll(() => batches.length).toBe(1)
    expect(take('dddd', '')).toBe(true)
    stop.abort()
    await running
    expect(batches.join('')).toBe('aaaa\nbbbb\ndddd\nclosed')
  })

  it('that cannot be written are counted, told of once, and hold up none that come later', async () => {
    const { batches, output, state } = collecting()
    const told: string[] = []
    let lost = 0
    const { take, service } = writtenLines({ output, log: quiet(told), onLost: (lines) => (lost += lines), gatherMs: 0 })
    state.error = new Error('ENOSPC: no space left on device')
    const stop = new AbortController()
    const running = service.run(stop.signal)
    for (const text of ['a', 'b', 'c']) {
      const before = lost
      take(text, '')
      await expect.poll(() => lost).toBe(before + 1)
    }
    expect(told.filter((text) => text.includes('cannot be written'))).toHaveLength(1)
    state.error = undefined
    take('d', '')
    await expect.poll(() => batches).toEqual(['d\n'])
    stop.abort()
    await running
    expect(told.at(-1)).toContain('written again')
  })

  it('for which nobody reads keep no hub from stopping', async () => {
    let writes = 0
    const output: Output = { write: () => (writes++, new Promise<never>(() => {})), close: async () => {} }
    const { take, service } = writtenLines({ output, log: quiet(), onLost: () => {}, gatherMs: 0 })
    const stop = new AbortController()
    const running = service.run(stop.signal)
    take('a', '')
    await expect.poll(() => writes).toBe(1)
    stop.abort()
    await running
    expect(writes).toBe(1)
  })

  it('go to what the hub prints', async () => {
    const seen: string[] = []
    const stream = { write: (bytes: Uint8Array, done: () => void) => (seen.push(Buffer.from(bytes).toString()), done()) }
    const output = standardOutput(stream as unknown as NodeJS.WritableStream) // of which only this is used
    await output.write(Buffer.from('a\n'))
    await output.close()
    expect(seen).toEqual(['a\n'])
  })
})

it('an existing file is appended to', async () => {
  appendFileSync(path, 'a\n')
  const { write, output } = fileWith()
  await write('b\n')
  await output.close()
  expect(readFileSync(path, 'utf8')).toBe('a\nb\n')
})
