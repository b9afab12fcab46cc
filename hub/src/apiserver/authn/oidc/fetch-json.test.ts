import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPki } from '../../testing/pki.ts'
import { fetchJsonTrusting } from './fetch-json.ts'

let at: string
let ca: string
let close: () => void
beforeAll(async () => {
  const pki = await createPki()
  ca = pki.ca
  const server = createServer(await pki.leaf('people', [], 'server'), (request, response) => {
    if (request.url === '/elsewhere') return response.writeHead(302, { location: '/good' }).end()
    if (request.url === '/large') return response.end(`"${'x'.repeat(600_000)}"`)
    if (request.url === '/half') return response.write('{"a"', () => response.destroy())
    response.end(request.url === '/good' ? '{"a": 1}' : '<html>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  at = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () => server.close()
})
afterAll(() => close())

it('documents come from who has a certificate of the CA that is trusted, whole, as JSON and not too large', async () => {
  const fetchJson = fetchJsonTrusting(ca)
  expect(await fetchJson(`${at}/good`)).toEqual({ a: 1 })
  await expect(fetchJson(`${at}/bad`)).rejects.toThrow('does not answer with JSON')
  await expect(fetchJson(`${at}/elsewhere`)).rejects.toThrow('answers 302')
  await expect(fetchJson(`${at}/large`)).rejects.toThrow('more than 524288 bytes')
  await expect(fetchJson(`${at}/half`)).rejects.toThrow()
  await expect(fetchJson(at.replace('https', 'http'))).rejects.toThrow('is no https URL')
  await expect(fetchJsonTrusting(undefined)(`${at}/good`)).rejects.toThrow()
})
