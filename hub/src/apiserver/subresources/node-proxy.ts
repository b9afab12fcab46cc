import { nodeBehind } from '../proxying/node-behind.ts'
import { proxyTo } from '../proxying/proxy-to.ts'
import { defineSubresource } from '../routes/subresource.ts'
import { connections } from '../verbs/connect.ts'

const connection = connections['nodes/proxy']

export const nodeProxy = defineSubresource({
  name: 'proxy',
  isOf: ({ group, resource }) => group === '' && resource === 'nodes',
  speaks: connection.type,
  text: {
    description: 'Carries requests to a node, named `[scheme:]name[:port]`.',
    query: [{ name: 'path', type: 'string', description: 'What of the URL comes after this.' }],
  },
  carry: (call) => proxyTo(call, connection, nodeBehind),
})
