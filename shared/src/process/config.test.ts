import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { configHelp, parseConfig } from './config.ts'

const schema = z.object({
  home: z.string().default('/var/lib/bramble').describe('where state is kept'),
  httpsPort: z.number().int().min(1).max(65_535).default(6443).describe('port of the API'),
  detach: z.boolean().default(false).describe('return when ready'),
  address: z.array(z.string()).default([]).describe('further addresses'),
})
const parse = (argv: string[], env = {}) => parseConfig({ schema, argv, env })
const file = (text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'config-')), 'config.json')
  writeFileSync(path, text)
  return path
}

describe('configuration', () => {
  it('takes flags over the environment over the file over defaults', () => {
    const config = file('{"home":"/file","httpsPort":1,"detach":true}')
    expect(parse(['--config', config, '--https-port', '3'], { BRAMBLE_HTTPS_PORT: '2', BRAMBLE_ADDRESS: 'a,b' })).toEqual({
      home: '/file',
      httpsPort: 3,
      detach: true,
      address: ['a', 'b'],
    })
  })
  it('is frozen', () => expect(Object.isFrozen(parse([]))).toBe(true))
  it.each([
    [['--htps-port', '1'], /Unknown option '--htps-port'; see --help/],
    [['--https-port', 'many'], /--https-port \(port of the API\): .*expected number/],
    [['--https-port', '70000'], /--https-port \(port of the API\): .*65535/],
    [['--config', '/nowhere.yaml'], /config file \/nowhere.yaml does not exist/],
    [['--config', file('{"hom":1}')], /unknown key "hom"; known are home, httpsPort/],
    [['--config', file('{')], /cannot be read/],
    [['--config', file('[]')], /must hold keys and values/],
    [['extra'], /Unexpected argument 'extra'/],
  ])('refuses %j by name', (argv, message) => expect(() => parse(argv)).toThrow(message))
  it('prints every option with its default', () => {
    expect(configHelp(schema)).toContain('--https-port N   port of the API (default 6443)')
    expect(configHelp(schema)).toContain('--detach ')
  })
})
