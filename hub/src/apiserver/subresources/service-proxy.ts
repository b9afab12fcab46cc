import { serviceBehind } from '../proxying/service-behind.ts'
import { proxyTo } from '../proxying/proxy-to.ts'
import { defineSubresource } from '../routes/subresource.ts'
import { connections } from '../verbs/connect.ts'

const connection = connections['services/proxy']

export const serviceProxy = defineSubresource({
  name: 'proxy',
  isOf: ({ group, resource }) => group === '' && resource === 'services',
  speaks: connection.type,
  text: {
    description: 'Carries requests to a service, named `[scheme:]name[:port]`.',
    query: [{ name: 'path', type: 'string', description: 'What of the URL comes after this.' }],
  },
  carry: (call) => proxyTo(call, connection, serviceBehind),
})
