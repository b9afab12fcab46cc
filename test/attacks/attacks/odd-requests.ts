import { connect } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { defineAttack } from '../attack.ts'

const pods = '/api/v1/namespaces/default/pods'
const token = (text: string) => Buffer.from(text).toString('base64url')

const paths = [
  ...['/api/v1/namespaces/%00/pods', '/api/v1/namespaces/default%2fpods/x', '/api/v1/../../../etc/passwd', `${pods}/..%2f..%2fsecrets`],
  ...[
    '/api/v1/namespaces/%0a/pods',
    '/%ff%fe',
    '/%',
    '//api//v1//pods',
    '/api/v1/namespaces/__proto__/constructor',
    `/${'a/'.repeat(6000)}`,
  ],
  `/${'x'.repeat(100_000)}`,
  `${pods}?${'a&'.repeat(7000)}`,
  `${pods}?${'watch=0&'.repeat(1500)}`,
  `${pods}?labelSelector=${'a,'.repeat(6000)}`,
  `${pods}?labelSelector=${'('.repeat(12_000)}`,
  `${pods}?labelSelector=a%20in%20(${'b,'.repeat(6000)}b)`,
  `${pods}?fieldSelector=${'spec.nodeName!=a,'.repeat(800)}`,
  `${pods}?fieldSelector=metadata.name=%0aspec.nodeName%0apd`,
  ...['-1', '1e9', '99999999999999999999', '999999999999999', 'abc', '0x10', '1.5', '%00', ''].map(
    (version) => `${pods}?resourceVersion=${version}`,
  ),
  ...['-1', '1e30', 'NaN', '9007199254740993'].flatMap((number) => [`${pods}?limit=${number}`, `${pods}?timeoutSeconds=${number}`]),
  ...['', 'x', token('{}'), token('{"v":1,"rv":1e15,"after":"/core/pods/default/"}'), token('{"v":1,"rv":0,"after":"/core/secrets/"}')].map(
    (text) => `${pods}?limit=1&continue=${text}`,
  ),
  `${pods}?limit=1&continue=${token(`{"v":1,"rv":1,"after":"/core/pods/default/${'z'.repeat(8000)}"}`)}`,
]

const head = (method: string, path: string, ...headers: string[]) =>
  [`${method} ${path} HTTP/1.1`, 'host: hub', ...headers, '', ''].join('\r\n')
const json = 'content-type: application/json'
const chunked = 'transfer-encoding: chunked'

/** What no client sends. Each has a connection of its own, and must be answered or hung up on. */
const requestsOf = (gzipped: Buffer): readonly (string | Buffer)[] => [
  ...paths.map((path) => head('GET', path)),
  ...['TRACE', 'OPTIONS', 'CONNECT', 'PROPFIND', 'BREW'].map((method) => head(method, pods)),
  head('GET', pods, ...Array.from({ length: 1900 }, () => 'a: b')),
  head('GET', pods, 'accept: a', 'accept: b', 'host: other', 'impersonate-user: x'),
  head('GET', pods, `accept: ${'application/json;as=Table,'.repeat(500)}`),
  head('GET', pods, 'upgrade: websocket', 'connection: upgrade', 'sec-websocket-key: x', 'sec-websocket-version: 13'),
  head('GET', pods, 'upgrade: h2c', 'connection: upgrade, http2-settings', 'http2-settings: AAMAAABkAAQAAP__'),
  head('POST', pods, json, 'expect: 100-continue', 'content-length: 10'),
  head('POST', pods, json, 'expect: the-unexpected', 'content-length: 2') + '{}',
  head('POST', pods, json, 'content-length: 10', chunked) + '2\r\n{}\r\n0\r\n\r\n',
  head('POST', pods, json, 'content-length: -1') + '{}',
  head('POST', pods, json, 'content-length: 99999999999999999999') + '{}',
  head('POST', pods, json, 'content-length: 3000000') + '{}',
  head('POST', pods, json, 'content-length: 2', 'content-length: 3') + '{}',
  head('POST', pods, json, chunked) + 'ffffffffffffffff\r\n{}',
  head('POST', pods, json, chunked) + `2;${'x'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`,
  head('POST', pods, json, chunked) + '1\r\n{\r\n'.repeat(50_000),
  head('POST', pods, json, chunked) + `2\r\n{}\r\n0\r\n${'trailer: x\r\n'.repeat(3000)}\r\n`,
  head('POST', pods, json, 'transfer-encoding: gzip, chunked') + '0\r\n\r\n',
  Buffer.concat([Buffer.from(head('POST', pods, json, 'content-encoding: gzip', `content-length: ${gzipped.length}`)), gzipped]),
  head('POST', pods, 'content-type: application/xml', 'content-length: 2') + '{}',
  head('PATCH', `${pods}/x`, 'content-type: application/json-patch+json', 'content-length: 2') + '[]',
  head('GET', `https://elsewhere${pods}`),
  `GET ${pods}\r\n\r\n`,
  `GET ${pods} HTTP/1.0\r\n\r\n`,
  `GET ${pods} HTTP/9.9\r\n\r\n`,
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  `\r\n\r\n\r\n${head('GET', pods)}`,
  Buffer.alloc(200_000, 0),
]

/** Paths, queries, headers and framing that no client sends, by the administrator: told by status, and those that stay open for 20 s. */
export const oddRequests = defineAttack('odd-requests', async ({ admin: { port, ca, cert, key }, ask }) => {
  const one = (request: string | Buffer) =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, ca, cert, key, ALPNProtocols: ['http/1.1'] })
      let text = ''
      const finish = (otherwise: string) => {
        socket.destroy()
        clearTimeout(late)
        resolve(/^HTTP\/1\.1 (?!100)(\d+)/m.exec(text)?.[1] ?? otherwise)
      }
      const late = setTimeout(() => finish('open'), 20_000)
      socket.on('secureConnect', () => socket.write(request))
      socket.on('data', (chunk: Buffer) => {
        text = (text + chunk.toString('latin1')).slice(0, 10_000)
        if (/^HTTP\/1\.1 (?!100)\d+/m.test(text)) finish('')
      })
      socket.on('close', () => finish('closed')).on('error', () => finish('closed'))
    })
  // A hundred MiB of blanks, packed.
  const requests = requestsOf(gzipSync(Buffer.alloc(100 * 1024 * 1024, ' ')))
  const answers = await Promise.all(requests.map(one))
  const told = [...new Set(answers)].sort().map((answer) => `${answers.filter((each) => each === answer).length} × ${answer}`)
  const broken = answers.flatMap((answer, index) =>
    answer.startsWith('5') ? [`${answer} to ${requests[index]?.toString().slice(0, 80)}`] : [],
  )
  await ask('DELETE', `${pods}/x`)
  return [...told, ...broken].join(', ')
})
