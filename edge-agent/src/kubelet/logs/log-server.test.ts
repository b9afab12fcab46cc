import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rotateLog } from './log-rotation.ts'
import { readLog, type ReadLogInput } from './log-server.ts'

const at = (second: number) => `2026-06-01T12:00:${String(second).padStart(2, '0')}.000000001Z`
const line = (text: string, second = 0, tag = 'F') => `${at(second)} stdout ${tag} ${text}\n`

describe('reading a log', () => {
  let dir: string
  let path: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kubelet-logs-'))
    path = join(dir, '0.log')
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const readBytes = async (request: Partial<ReadLogInput['request']> = {}) => {
    const chunks: Uint8Array[] = []
    const input = { request: { follow: false, timestamps: false, ...request }, isDone: async () => true, signal: AbortSignal.timeout(5000) }
    for await (const chunk of readLog(path, input)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const read = async (request: Partial<ReadLogInput['request']> = {}) => (await readBytes(request)).toString()
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => line(`line ${from + index}`, (from + index) % 60)).join('')
  const texts = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('')

  it('shows the text, or the text with its times', async () => {
    writeFileSync(path, line('one', 1) + line('', 2) + line('two words', 3))
    expect(await read()).toBe('one\n\ntwo words\n')
    expect(await read({ timestamps: true })).toBe(`${at(1)} one\n${at(2)} \n${at(3)} two words\n`)
  })

  it('puts the parts of a long line together', async () => {
    writeFileSync(path, line('long ', 1, 'P') + line('line', 2) + line('next', 3))
    expect(await read()).toBe('long line\nnext\n')
    expect(await read({ tailLines: 2, timestamps: true })).toBe(`${at(1)} long line\n${at(3)} next\n`)
  })

  it('is followed where the kernel watches no folder for us', async () => {
    path = join(dir, 'gone', '0.log')
    expect(await read({ follow: true })).toBe('')
  })

  it('leaves out a line that a power cut tore', async () => {
    writeFileSync(path, `${line('whole')}2026-06-01T12:0`)
    expect(await read()).toBe('whole\n')
  })

  it.each([0, 1, 3, 4999, 5000, 9000])('finds the last %i of 5000 lines, in three files', async (tailLines) => {
    writeFileSync(`${path}.20260601-100000.000`, lines(0, 2000))
    writeFileSync(`${path}.20260601-110000.000`, lines(2000, 4000))
    writeFileSync(path, lines(4000, 5000))
    expect(await read({ tailLines })).toBe(texts(Math.max(0, 5000 - tailLines), 5000))
  })

  it('starts at a time', async () => {
    writeFileSync(path, lines(0, 10))
    expect(await read({ sinceTime: at(7) })).toBe(texts(7, 10))
    await expect(read({ sinceTime: 'yesterday' })).rejects.toMatchObject({ reason: 'BadRequest' })
  })

  it('stops at so many bytes', async () => {
    writeFileSync(path, lines(0, 10))
    expect(await read({ limitBytes: 9 })).toBe('line 0\nli')
  })

  it('shows nothing of a log that is not there', async () => {
    expect(await read()).toBe('')
  })

  it('follows over a rotation until the container is done', async () => {
    writeFileSync(path, line('one'))
    let isDone = false
    const input = { request: { follow: true, timestamps: false }, isDone: async () => isDone, signal: AbortSignal.timeout(10_000) }
    const seen: string[] = []
    for await (const chunk of readLog(path, input)) {
      seen.push(Buffer.from(chunk).toString())
      if (seen.length === 1) appendFileSync(path, line('two'))
      if (seen.length === 2) {
        renameSync(path, `${path}.20260601-120000.000`)
        writeFileSync(path, line('three'))
      }
      if (seen.length === 3) {
        appendFileSync(path, line('four'))
        isDone = true
      }
    }
    expect(seen.join('')).toBe('one\ntwo\nthree\nfour\n')
  })

  it('shows the bytes that were written: latin-1, NUL and CR stay, and the end of the last line is not invented', async () => {
    const bytes = (...parts: readonly (string | Buffer)[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)))
    const latin1 = Buffer.from('caf\xe9 \xff\xfe', 'latin1')
    writeFileSync(
      path,
      bytes(line('one', 1), `${at(2)} stdout F `, latin1, '\n', line('a\rb\r', 3), line('nul:\0:end', 4), line('no end', 5, 'P')),
    )
    expect(await readBytes()).toEqual(bytes('one\n', latin1, '\na\rb\r\nnul:\0:end\nno end'))
    expect(await readBytes({ limitBytes: 9 })).toEqual(bytes('one\n', latin1.subarray(0, 5)))
    expect(await readBytes({ tailLines: 4, timestamps: true })).toEqual(
      bytes(`${at(2)} `, latin1, `\n${at(3)} a\rb\r\n${at(4)} nul:\0:end\n${at(5)} no end`),
    )
    expect(await readBytes({ sinceTime: at(4) })).toEqual(bytes('nul:\0:end\nno end'))
  })

  it('joins the parts of a long line that was cut in the middle of a character', async () => {
    const long = Buffer.from('€'.repeat(20_000))
    const parts = Array.from({ length: Math.ceil(long.length / 16_384) }, (_, index) => long.subarray(index * 16_384, (index + 1) * 16_384))
    const raw = parts.map((part, index) =>
      Buffer.concat([Buffer.from(`${at(1)} stdout ${index < parts.length - 1 ? 'P' : 'F'} `), part, Buffer.from('\n')]),
    )
    writeFileSync(path, Buffer.concat(raw))
    expect(await read()).toBe(`${'€'.repeat(20_000)}\n`)
    expect(await read({ tailLines: 1, timestamps: true })).toBe(`${at(1)} ${'€'.repeat(20_000)}\n`)
  })

  it.each(['a link', 'a FIFO'])('shows nothing of %s in its place, and does not wait for one', async (what) => {
    writeFileSync(join(dir, 'host-file'), line('of the host'))
    if (what === 'a link') symlinkSync(join(dir, 'host-file'), path)
    else execFileSync('mkfifo', [path])
    expect(await read()).toBe('')
    expect(await read({ tailLines: 5 })).toBe('')
  })

  it('keeps the order of what was written, and removes the oldest, when the clock is set back between rotations', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      writeFileSync(`${path}.20260601-100000.000`, line('earlier version'))
      for (const [text, time] of [
        ['one', '2026-06-01'],
        ['two', '2020-01-01'],
        ['three', '1970-01-01'],
      ] as const) {
        vi.setSystemTime(new Date(time))
        writeFileSync(path, line(text))
        await rotateLog(path, { maxFiles: 4, reopen: async () => {} })
      }
      writeFileSync(path, line('four'))
      expect(await read()).toBe('one\ntwo\nthree\nfour\n')
    } finally {
      vi.useRealTimers()
    }
  })

  it('puts aside beyond nine and ninety-nine in order', async () => {
    for (let count = 0; count < 12; count++) {
      writeFileSync(path, line(`${count}`))
      await rotateLog(path, { maxFiles: 4, reopen: async () => {} })
    }
    expect(await read()).toBe('9\n10\n11\n')
  })

  it('follows over two rotations between two looks and loses nothing', async () => {
    writeFileSync(path, line('one'))
    let isDone = false
    const input = { request: { follow: true, timestamps: false }, isDone: async () => isDone, signal: AbortSignal.timeout(10_000) }
    const seen: string[] = []
    for await (const chunk of readLog(path, input)) {
      seen.push(Buffer.from(chunk).toString())
      if (seen.length > 1) continue
      for (const text of ['two', 'three']) {
        await rotateLog(path, { maxFiles: 5, reopen: async () => writeFileSync(path, line(text)) })
      }
      isDone = true
    }
    expect(seen.join('')).toBe('one\ntwo\nthree\n')
  })
})
