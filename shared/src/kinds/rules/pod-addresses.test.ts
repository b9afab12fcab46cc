import { describe, expect, it } from 'vitest'
import { type Pod, pods } from '../pod.ts'
import { created } from './testing.ts'

describe("the addresses in a pod's status", () => {
  const complaints = (status: Pod['status']) => {
    const object = created(pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } })
    object.status = { ...status }
    pods.setDefaults?.(object)
    return (pods.validate?.(object) ?? []).map(({ field, message }) => `${field}: ${message}`)
  }
  const invalid = (text: string) => `Invalid value: ${JSON.stringify(text)}: must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`

  it.each<[Pod['status'], string[]]>([
    [{ podIP: 'not an ip' }, [`status.podIPs[0]: ${invalid('not an ip')}`]],
    [{ podIPs: [{ ip: '10.0.0.07' }] }, [`status.podIPs[0]: ${invalid('10.0.0.07')}`]],
    [
      { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
      ['status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family'],
    ],
    [{ hostIP: 'pi' }, [`status.hostIP: ${invalid('pi')}`]],
    [{ hostIP: 'pi', hostIPs: [{ ip: 'pi' }] }, [`status.hostIPs[0].ip: ${invalid('pi')}`]],
    [{ hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] }, ['status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`']],
    [{ podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], hostIP: '10.0.0.2', hostIPs: [{ ip: '10.0.0.2' }] }, []],
  ])('%j: %j', (status, expected) => expect(complaints(status)).toEqual(expected))

  it('podIP is the first of podIPs, and right where they differ', () => {
    const aligned = (status: NonNullable<Pod['status']>) => {
      const object = created(pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } })
      object.status = status
      pods.setDefaults?.(object)
      return [object.status.podIP, object.status.podIPs?.map(({ ip }) => ip)]
    }
    expect(aligned({ podIP: '10.0.0.1' })).toEqual(['10.0.0.1', ['10.0.0.1']])
    expect(aligned({ podIPs: [{ ip: '10.0.0.1' }] })).toEqual(['10.0.0.1', ['10.0.0.1']])
    expect(aligned({ podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.1' }] })).toEqual(['10.0.0.2', ['10.0.0.2']])
  })
})
