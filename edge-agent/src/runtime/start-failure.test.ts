import { describe, expect, it } from 'vitest'
import { startFailureOf } from './start-failure.ts'

const cni =
  'time="2026-01-01T00:00:00Z" level=error msg="failed to load cni during init, please check CRI plugin status" error="no network config"\n'

describe('why a containerd did not start', () => {
  it.each([
    [
      'pages that a power cut left unwritten',
      'panic: invalid freelist page: 0, page type is unknown<00>\n\ngoroutine 35 [running]:\ngo.etcd.io/bbolt.(*freelist).read(0x1)\n\tgo.etcd.io/bbolt/freelist.go:266 +0x22e\n',
      'panic: invalid freelist page: 0, page type is unknown<00>',
    ],
    [
      'a file that is shorter than it says',
      'unexpected fault address 0x7fb64c41c008\nfatal error: fault\n[signal SIGBUS: bus error code=0x2]\n\ngoroutine 30 [running]:\n',
      'unexpected fault address 0x7fb64c41c008',
    ],
    [
      'no database at all',
      `${cni}time="2026-01-01T00:00:00Z" level=warning msg="failed to load plugin io.containerd.metadata.v1.bolt" error="invalid database"\ntime="2026-01-01T00:00:00Z" level=warning msg="failed to load plugin io.containerd.gc.v1.scheduler" error="invalid database"\n`,
      'level=warning msg="failed to load plugin io.containerd.metadata.v1.bolt" error="invalid database"',
    ],
    [
      'a cut file',
      'level=warning msg="failed to load plugin io.containerd.metadata.v1.bolt" error="file size too small"',
      expect.stringContaining('too small'),
    ],
  ])('%s is damage', (_what, text, why) => {
    expect(startFailureOf(text)).toEqual({ why, isDamage: true })
  })

  it.each([
    [
      'a full disk',
      'level=warning msg="failed to load plugin io.containerd.metadata.v1.bolt" error="open meta.db: no space left on device"',
    ],
    ['a read-only disk', `panic: page 3: write: read-only file system`],
    [
      'a panic of another kind',
      'panic: runtime error: invalid memory address or nil pointer dereference\n\ngoroutine 1 [running]:\nmain.main()\n',
    ],
    ['a socket in use', `${cni}containerd: failed to get listener for main endpoint: address already in use`],
    ['nothing', ''],
  ])('%s is not', (_what, text) => {
    expect(startFailureOf(text).isDamage).toBe(false)
  })

  it('the telling line is found among many', () => {
    expect(startFailureOf(`${cni}containerd: failed to get listener: address already in use\n`).why).toBe(
      'containerd: failed to get listener: address already in use',
    )
    expect(startFailureOf('').why).toBe('it left no log')
  })
})
