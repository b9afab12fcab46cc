import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLog, type ReadLogInput } from './logs.ts'

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

  const read = async (request: Partial<ReadLogInput['request']> = {}) => {
    const chunks: Uint8Array[] = []
    const input = { request: { follow: false, timestamps: false, ...request }, isDone: async () => true, signal: AbortSignal.timeout(5000) }
    for await (const chunk of readLog(path, input)) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
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
})
