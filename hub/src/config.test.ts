import { expect, it } from 'vitest'
import { ConfigError } from '@bramble/shared/process/config.ts'
import { readConfig } from './config.ts'

const read = (...argv: readonly string[]) => readConfig(argv, JSON.parse)

it.each([
  [['--cluster-cidr', '10.42.0.0'], /--cluster-cidr .*expected a network such as 10\.42\.0\.0\/16/],
  [['--service-cidr', '10.999.0.0/16'], /--service-cidr .*expected a network such as/],
  [['--service-cidr', '10.43.0.0/40'], /--service-cidr .*expected a network such as/],
  [['--service-cidr', '10.42.128.0/17'], /--service-cidr .*overlaps --cluster-cidr/],
  [['--cluster-cidr', '10.42.0.0/25'], /--cluster-cidr .*expected a network of \/24 or larger/],
  [['--oidc-issuer-url', 'https://people.example.com'], /--oidc-issuer-url and --oidc-client-id go together/],
  [['--oidc-ca-file', '/nowhere/ca.crt'], /--oidc-ca-file .*expected a file that is there/],
  [['--service-account-issuer', 'http://x'], /--service-account-issuer .*expected an https URL/],
  [['--service-cidr', '10.43.0.0/30'], /--service-cidr .*expected a network of \/29 or larger/],
])('%j is refused in one sentence', (argv, message) => {
  expect(() => read(...argv)).toThrow(ConfigError)
  expect(() => read(...argv)).toThrow(message)
})

it('takes networks that lie apart', () => {
  const { clusterCidr, serviceCidr } = read('--cluster-cidr', '172.20.0.0/16', '--service-cidr', '172.21.0.0/24')
  expect({ clusterCidr, serviceCidr }).toEqual({ clusterCidr: '172.20.0.0/16', serviceCidr: '172.21.0.0/24' })
})

it.each([
  ...['--anonymous-auth', '--token-auth-file', '--authorization-mode', '--enable-admission-plugins', '--disable-admission-plugins'],
  ...['--insecure-port', '--profiling', '--tls-min-version', '--service-account-lookup', '--kubelet-https'],
])('what would weaken a hub cannot be asked for: %s', (option) => {
  expect(() => read(option, 'x')).toThrow(ConfigError)
})
