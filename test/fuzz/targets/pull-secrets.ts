import { authsFor } from '../../../edge-agent/src/kubelet/images/image-auth.ts'
import { defineTarget } from '../target.ts'

const auth = Buffer.from('jo:secret').toString('base64')

/** What a user writes of registries, as a node reads it. */
export const pullSecrets = defineTarget({
  name: 'pull-secrets',
  seeds: [
    {
      json: {
        auths: {
          'https://index.docker.io/v1/': { auth },
          'reg.example.com:5000/team': { username: 'a', password: 'b' },
          '*.example.com': { identitytoken: 'x' },
        },
      },
    },
  ],
  words: ['auths', 'auth', 'username', 'password', 'email', '*.example.com', 'reg.example.com', 'https://', auth, 'Og==', '[', '?'],
  open: () => (input) => {
    const secret = (type: string, key: string) => ({
      ...{ apiVersion: 'v1' as const, kind: 'Secret' as const, metadata: { name: 'a' }, type },
      data: { [key]: input.toString('base64') },
    })
    const secrets = [secret('kubernetes.io/dockerconfigjson', '.dockerconfigjson'), secret('kubernetes.io/dockercfg', '.dockercfg')]
    authsFor('reg.example.com:5000/team/a:1', secrets as never) // as much of a Secret as is read
  },
})
