import { describe, expect, test } from 'vitest'
import { boards, findBoard } from './boards.ts'
import { decodeRevision } from './revision-code.ts'

describe('revision codes', () => {
  test.each([
    [0xa02082, '3B', 'bcm2837', 1024, 2],
    [0xa020d3, '3B+', 'bcm2837', 1024, 3],
    [0x902120, 'Zero 2 W', 'bcm2837', 512, 0],
    [0xc03114, '4B', 'bcm2711', 4096, 4],
    [0xb03115, '4B', 'bcm2711', 2048, 5],
    [0xd03114, '4B', 'bcm2711', 8192, 4],
    [0xc03130, '400', 'bcm2711', 4096, 0],
    [0xa03140, 'CM4', 'bcm2711', 1024, 0],
    [0xc04170, '5', 'bcm2712', 4096, 0],
    [0xe04171, '5', 'bcm2712', 16384, 1],
    [0xd04190, '500', 'bcm2712', 8192, 0],
    [0xa04171, '5', 'bcm2712', 1024, 1],
    [0xc041a0, 'CM5 Lite', 'bcm2712', 4096, 0],
    [0xa02042, '2B', 'bcm2837', 1024, 2],
  ])('%i is a %s', (code, type, soc, memoryMi, minor) => {
    expect(decodeRevision(code)).toMatchObject({ type, soc, memoryMi, minor })
  })

  test('the warranty bit and other high bits change nothing', () => {
    expect(decodeRevision(0x02c03114)).toEqual(decodeRevision(0xc03114))
    expect(decodeRevision(0x80c03114)).toEqual(decodeRevision(0xc03114))
  })

  test('a code of the old style tells nothing', () => expect(decodeRevision(0x0010)).toBeUndefined())

  test('a field newer than our table is unknown, not a guess', () =>
    expect(decodeRevision(0xc0fff0)).toMatchObject({ type: 'unknown', soc: 'unknown' }))
})

describe('finding the board', () => {
  const find = (compatible: readonly string[], architecture = 'arm64', code?: number) => {
    const revision = code === undefined ? undefined : decodeRevision(code)
    return findBoard({ compatible, architecture, ...(revision && { revision }) })?.model.label
  }

  test('by the device tree', () => {
    expect(find(['raspberrypi,4-model-b', 'brcm,bcm2711'])).toBe('rpi-4b')
    expect(find(['raspberrypi,5-model-b', 'brcm,bcm2712'])).toBe('rpi-5')
    expect(find(['raspberrypi,model-zero-2-w', 'brcm,bcm2837'])).toBe('rpi-zero-2-w')
    expect(find(['raspberrypi,4-compute-module', 'brcm,bcm2711'])).toBe('rpi-cm4')
  })
  test('by the revision code when the tree says nothing we know', () => expect(find(['acme,carrier'], 'arm64', 0xa03140)).toBe('rpi-cm4'))
  test('a board nobody described is a machine of its architecture', () => {
    expect(find(['radxa,rock-5b'])).toBe('generic-arm64')
    expect(find([], 'amd64')).toBe('x86-64')
  })
  test('an architecture without a file has no board', () => expect(find([], 'riscv64')).toBeUndefined())
})

test('no two boards share a label, an identity or a name in the device tree', () => {
  const models = boards.flatMap((board) => board.models)
  for (const names of [boards.map(({ id }) => id), models.map(({ label }) => label), models.flatMap(({ compatible }) => compatible)])
    expect(new Set(names).size).toBe(names.length)
})
