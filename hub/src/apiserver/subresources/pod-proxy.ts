import { podBehind } from '../proxying/pod-behind.ts'
import { proxyTo } from '../proxying/proxy-to.ts'
import { defineSubresource } from '../routes/subresource.ts'
import { connections } from '../verbs/connect.ts'

const connection = connections['pods/proxy']

export const podProxy = defineSubresource({
  name: 'proxy',
  isOf: ({ group, resource }) => group === '' && resource === 'pods',
  speaks: connection.type,
  text: {
    description: 'Carries requests to a pod, named `[scheme:]name[:port]`.',
    query: [{ name: 'path', type: 'string', description: 'What of the URL comes after this.' }],
  },
  carry: (call) => proxyTo(call, connection, podBehind),
})
