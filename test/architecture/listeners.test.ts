import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** The files of a package that may open a listening socket. */
const listenersIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|\/testing\/|\/test-hub\.ts$/.test(file))
    .filter((file) => /\.listen\(|createSocket\(|createServer\(|createSecureServer\(/.test(readFileSync(file, 'utf8')))
    .toSorted()

it('a hub listens at its two doors: HTTPS and MQTT over TLS', () => {
  expect(listenersIn('hub/src')).toEqual(['hub/src/apiserver/http/server.ts', 'hub/src/broker/thread/broker-core.ts'])
})

it('an agent listens for the health checks of Services alone', () => {
  const listening = listenersIn('edge-agent/src').filter(
    (file) => !/criEvents\.listen\(|listen\(listener\)/.test(readFileSync(file, 'utf8')),
  )
  // It has a server that is handed its connections, and listens for none.
  const pages = 'edge-agent/src/pages/page-server.ts'
  expect(readFileSync(pages, 'utf8')).not.toMatch(/\.listen\(|createSocket\(/)
  expect(listening).toEqual([pages, 'edge-agent/src/proxy/health-ports.ts'])
})
