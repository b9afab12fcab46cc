import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import type { FactSource } from './fact.ts'
import { defineFact } from './fact.ts'
import { facts, readFacts, withFacts } from './facts.ts'

const folder = mkdtempSync(join(tmpdir(), 'bramble-facts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Tree = Readonly<Record<string, string | Buffer>>

const revision = (code: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(code)
  return bytes
}
const auxv = (pageSize: number) => {
  const bytes = Buffer.alloc(48)
  for (const [index, value] of [33, 1, 6, pageSize, 0, 0].entries()) bytes.writeBigUInt64LE(BigInt(value), index * 8)
  return bytes
}
const rootOn = (device: string) => `22 1 ${device} / / rw,relatime - ext4 /dev/root rw\n`

/** The files of `/proc`, `/sys` and `/etc` that a board shows, the rest left out. */
const boards: Readonly<Record<string, { readonly tree: Tree; readonly source?: Partial<FactSource>; readonly facts: object }>> = {
  'a Raspberry Pi 4 with Debian': {
    tree: {
      'proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0',
      'proc/device-tree/compatible': 'raspberrypi,4-model-b\0brcm,bcm2711\0',
      'proc/device-tree/system/linux,revision': revision(0xc03114),
      'proc/device-tree/serial-number': '10000000abcdef01\0',
      'proc/meminfo': 'MemTotal:        3884472 kB\nSwapTotal:             0 kB\n',
      'proc/self/auxv': auxv(4096),
      'proc/self/mountinfo': rootOn('179:2'),
      'sys/devices/system/cpu/online': '0-3\n',
      'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids rdma\n',
      'sys/block/mmcblk0/mmcblk0p2/dev': '179:2\n',
      'sys/block/mmcblk0/device/type': 'SD\n',
      'etc/os-release': 'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
      'etc/machine-id': 'aaaa\n',
    },
    facts: {
      boardRevision: '1.4',
      ramGb: 4,
      cpus: 4,
      memoryBytes: 3884472 * 1024,
      pageSizeBytes: 4096,
      storage: 'sd',
      systemUuid: '10000000abcdef01',
      hasRtc: false,
      cgroup: { version: 2, hasMemory: true },
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      board: { model: { label: 'rpi-4b' }, board: { soc: 'bcm2711' } },
    },
  },
  'a Raspberry Pi 3 as its maker ships it, without the memory controller': {
    tree: {
      'proc/device-tree/model': 'Raspberry Pi 3 Model B Plus Rev 1.3\0',
      'proc/device-tree/compatible': 'raspberrypi,3-model-b-plus\0brcm,bcm2837\0',
      'proc/device-tree/system/linux,revision': revision(0xa020d3),
      'proc/meminfo': 'MemTotal:         931852 kB\nSwapTotal:        102396 kB\n',
      'proc/self/auxv': auxv(4096),
      'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io pids\n',
    },
    facts: { board: { model: { label: 'rpi-3b-plus' } }, ramGb: 1, swapBytes: 102396 * 1024, cgroup: { version: 2, hasMemory: false } },
  },
  'a Raspberry Pi 5 with 16 KiB pages, a clock and an NVMe disk': {
    tree: {
      'proc/device-tree/compatible': 'raspberrypi,5-model-b\0brcm,bcm2712\0',
      'proc/device-tree/system/linux,revision': revision(0xd04170),
      'proc/meminfo': 'MemTotal:        8245088 kB\n',
      'proc/self/auxv': auxv(16384),
      'proc/self/mountinfo': rootOn('259:2'),
      'sys/block/nvme0n1/nvme0n1p2/dev': '259:2\n',
      'sys/class/rtc/rtc0/name': 'rpi-rtc',
    },
    facts: { board: { model: { label: 'rpi-5' } }, boardRevision: '1.0', ramGb: 8, pageSizeBytes: 16384, storage: 'nvme', hasRtc: true },
  },
  'a Raspberry Pi Zero 2 W': {
    tree: {
      'proc/device-tree/compatible': 'raspberrypi,model-zero-2-w\0brcm,bcm2837\0',
      'proc/device-tree/system/linux,revision': revision(0x902120),
      'proc/meminfo': 'MemTotal:         439168 kB\n',
    },
    facts: { board: { model: { label: 'rpi-zero-2-w' }, board: { isWifiOnly: true } }, ramGb: 0.5 },
  },
  'a Compute Module 4 with eMMC': {
    tree: {
      'proc/device-tree/compatible': 'raspberrypi,4-compute-module\0brcm,bcm2711\0',
      'proc/self/mountinfo': rootOn('179:2'),
      'sys/block/mmcblk0/mmcblk0p2/dev': '179:2\n',
      'sys/block/mmcblk0/device/type': 'MMC\n',
    },
    facts: { board: { model: { label: 'rpi-cm4' } }, storage: 'emmc' },
  },
  'a 32-bit system on a 64-bit kernel': {
    tree: { 'proc/device-tree/compatible': 'raspberrypi,4-model-b\0brcm,bcm2711\0' },
    source: { processArch: 'arm', machine: 'aarch64' },
    facts: { architecture: 'arm', kernelArchitecture: 'arm64', board: { model: { label: 'rpi-4b' } } },
  },
  'an x86-64 machine with cgroups of version 1': {
    tree: {
      'proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nmemory\t4\t18\t1\n',
      'proc/cpuinfo': 'processor\t: 0\n\nprocessor\t: 1\n',
      'proc/self/mountinfo': rootOn('254:0'),
      'sys/block/vda/dev': '254:0\n',
    },
    source: { processArch: 'x64', machine: 'x86_64' },
    facts: {
      architecture: 'amd64',
      cpus: 2,
      storage: 'virtual',
      cgroup: { version: 1, hasMemory: true },
      board: { model: { label: 'x86-64' } },
    },
  },
}

let number = 0
function sourceOf(tree: Tree, source: Partial<FactSource> = {}): FactSource {
  const root = join(folder, String(number++))
  for (const [path, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return {
    proc: join(root, 'proc'),
    sys: join(root, 'sys'),
    etc: join(root, 'etc'),
    processArch: 'arm64',
    machine: 'aarch64',
    hostname: 'Pi',
    kernelRelease: '6.6.0',
    now: () => Date.parse('2026-06-01'),
    dataDir: folder,
    interfaces: () => ({}),
    ...source,
  }
}

describe('what a machine is', () => {
  test.each(Object.entries(boards))('%s', async (_name, { tree, source, facts: expected }) => {
    expect(await readFacts(sourceOf(tree, source), silentLog)).toMatchObject(expected)
  })

  test('what a machine does not show is absent', async () => {
    const found = await readFacts(sourceOf({}), silentLog)
    for (const name of ['memoryBytes', 'pageSizeBytes', 'cgroup', 'cpus', 'storage', 'osImage']) expect(found).not.toHaveProperty(name)
  })

  test('a fact that fails costs only itself', async () => {
    const broken = defineFact({ name: 'broken', read: () => Promise.reject(new Error('no')) })
    expect(await readFacts(sourceOf({}), silentLog, [broken, ...facts])).toMatchObject({ hostname: 'pi', architecture: 'arm64' })
  })

  test('a clock before the software was made is not believed', async () => {
    expect(await readFacts(sourceOf({}, { now: () => 0 }), silentLog)).toMatchObject({ clockIsSane: false })
  })
})

test('only emulators that the kernel has already opened count, and not that of the own architecture', async () => {
  const handler = (flags: string, state = 'enabled') => `${state}\ninterpreter /usr/libexec/qemu\nflags: ${flags}\noffset 0\n`
  const found = await readFacts(
    sourceOf({
      'proc/sys/fs/binfmt_misc/status': 'enabled\n',
      'proc/sys/fs/binfmt_misc/qemu-arm': handler('POCF'),
      'proc/sys/fs/binfmt_misc/qemu-aarch64': handler('POCF'),
      'proc/sys/fs/binfmt_misc/qemu-x86_64': handler('F'),
      'proc/sys/fs/binfmt_misc/qemu-riscv64': handler('OC'),
      'proc/sys/fs/binfmt_misc/qemu-s390x': handler('F', 'disabled'),
      'proc/sys/fs/binfmt_misc/python3': handler('F'),
    }),
    silentLog,
  )
  expect(found.emulatedArchitectures).toEqual(['amd64', 'arm'])
})

describe('the address of a node', () => {
  const interfaces = () => ({
    lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true }],
    docker0: [{ address: '172.17.0.1', family: 'IPv4', internal: false }],
    eth0: [{ address: '192.168.1.5', family: 'IPv4', internal: false }],
    wlan0: [{ address: '192.168.2.5', family: 'IPv4', internal: false }],
  })
  const header = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
  const routes = `${header}eth0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\nwlan0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n`
  const address = async (tree: Tree, addressTowardsHub?: () => Promise<string | undefined>) =>
    (await readFacts(sourceOf(tree, { interfaces, ...(addressTowardsHub && { addressTowardsHub }) }), silentLog)).addresses

  test('is the one it uses towards the hub', async () => expect(await address({}, async () => '10.0.0.9')).toEqual(['10.0.0.9']))
  test('is that of the best default route when the hub is on the same machine', async () =>
    expect(await address({ 'proc/net/route': routes }, async () => '127.0.0.1')).toEqual(['192.168.2.5']))
  test('is the first real one when there is no default route', async () => expect(await address({})).toEqual(['192.168.1.5']))
})

test('labels of several facts are all kept, the newer of one name', () => {
  const first = withFacts({ cpus: 4 }, { labels: { a: '1', b: '1' } })
  expect(withFacts(first, { labels: { b: '2', c: null } })).toEqual({ cpus: 4, labels: { a: '1', b: '2', c: null } })
  expect(withFacts(first, { cpus: 2 })).toEqual({ cpus: 2, labels: { a: '1', b: '1' } })
})
