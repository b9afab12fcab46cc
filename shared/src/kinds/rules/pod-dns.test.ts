import { describe, expect, it } from 'vitest'
import { pods } from '../pod.ts'
import { refusals } from './testing.ts'

const refusedFor = (spec: object) =>
  refusals(pods, { metadata: { name: 'web', namespace: 'default' }, spec: { containers: [{ name: 'app', image: 'b:1' }], ...spec } })

describe('in the names that a pod brings along', () => {
  it.each<[string, object, string]>([
    [
      'an alias of two lines is refused',
      { hostAliases: [{ ip: '10.0.0.1', hostnames: ['ok', 'a\n10.0.0.2 b'] }] },
      'spec.hostAliases[0].hostnames: Invalid value: "a\\n10.0.0.2 b"',
    ],
    [
      'a search of two lines is refused',
      { dnsConfig: { searches: ['a\nnameserver 10.0.0.1'] } },
      'spec.dnsConfig.searches[0]: Invalid value: ',
    ],
    [
      'an option without a name is refused',
      { dnsConfig: { options: [{ value: '2' }] } },
      'spec.dnsConfig.options[0]: Required value: must not be empty',
    ],
    [
      'an option of two words is refused',
      { dnsConfig: { options: [{ name: 'ndots', value: '2\nnameserver 10.0.0.1' }] } },
      'spec.dnsConfig.options[0].value: Invalid value: ',
    ],
    [
      'a fourth server, which nobody would ask, is refused',
      { dnsConfig: { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] } },
      'spec.dnsConfig.nameservers: Invalid value: ["10.0.0.1","10.0.0.2","10.0.0.3","10.0.0.4"]: must not have more than 3 nameservers',
    ],
    [
      'more searches than are read are refused',
      { dnsConfig: { searches: Array.from({ length: 33 }, (_, i) => `s${i}`) } },
      'must not have more than 32 search paths',
    ],
    [
      'longer searches than are read are refused',
      { dnsConfig: { searches: Array.from({ length: 32 }, () => 'a'.repeat(63)).map((text, i) => `${text}.${i}`) } },
      'must not have more than 2048 characters (including spaces) in the search list',
    ],
  ])('%s', (_what, spec, refusal) => {
    expect(refusedFor(spec)).toEqual([expect.stringContaining(refusal)])
  })

  it('what resolvers read is taken', () => {
    const dnsConfig = {
      nameservers: ['10.0.0.1', '::1'],
      searches: ['.', 'lan', '_tcp.example.com', 'under_score.', 'x'.repeat(63)],
      options: [{ name: 'edns0' }, { name: 'ndots', value: '5' }, { name: 'rotate', value: '' }],
    }
    expect(refusedFor({ dnsConfig, hostAliases: [{ ip: '10.0.0.1', hostnames: ['a.b'] }, { ip: '10.0.0.1' }] })).toEqual([])
  })
})
