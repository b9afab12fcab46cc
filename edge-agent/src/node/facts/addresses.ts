import { join } from 'node:path'
import { readText } from '../../host/read-sysfs.ts'
import { defineFact, type FactSource } from '../fact.ts'

/**
 * The address others reach this node by: the one it uses towards the hub. A hub on this very machine is reached by
 * 127.0.0.1, which helps nobody else; then it is the address of the interface with the default route, or the first there is.
 */
export const addresses = defineFact({
  name: 'addresses',
  changes: true,
  async read(source) {
    const candidates = [await source.addressTowardsHub?.(), defaultRouteAddress(source), firstAddress(source)]
    const address = candidates.find((each) => each !== undefined && !each.startsWith('127.') && each !== '::1')
    return { addresses: address === undefined ? [] : [address] }
  },
})

function defaultRouteAddress({ proc, interfaces }: FactSource): string | undefined {
  const routes = (readText(join(proc, 'net/route')) ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
  const [best] = routes
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]))
  return (interfaces()[best?.[0] ?? ''] ?? []).find(({ family }) => family === 'IPv4')?.address
}

// Links that containers made are no way to this machine.
const inner = /^(lo|veth|docker|br-|virbr|cni|flannel|tailscale|wg)/

const firstAddress = ({ interfaces }: FactSource): string | undefined =>
  Object.entries(interfaces())
    .filter(([name]) => !inner.test(name))
    .flatMap(([, list]) => list ?? [])
    .find(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'))?.address
