import { describe, expect, it } from 'vitest'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { createTestApi, pod } from '../testing/api.ts'

const url = '/api/v1/namespaces/default/pods'
const big = '3546343826724305832'

const textOf = (response: ApiResponse): string => {
  if (response.type === 'raw') return Buffer.from(response.raw as string).toString()
  return response.type === 'object' ? exactJson(response.object) : ''
}

/** Written by hand: JSON.stringify has no such number. */
const podText = (field: string) =>
  JSON.stringify(pod('a', { containers: [{ name: 'c', image: 'b:1', livenessProbe: { tcpSocket: { port: 80 } } }], FIELD: 0 })).replace(
    '"FIELD":0',
    field,
  )

describe('64-bit integers', () => {
  it('are exact through create, read, list, watch text, patch, PUT and dry run', async () => {
    const { ask, server, store } = await createTestApi()
    const field = `"terminationGracePeriodSeconds":${big}`
    expect(textOf(await ask('POST', `${url}?dryRun=All`, { body: podText(field) }))).toContain(field)
    expect(textOf(await ask('POST', url, { body: podText(field) }))).toContain(field)
    expect(textOf(await ask('GET', `${url}/a`))).toContain(field)
    expect(textOf(await ask('GET', url))).toContain(field)
    expect(textOf(await ask('GET', `${url}?labelSelector=%21x`))).toContain(field)

    const toleration = `"tolerationSeconds":${BigInt(big) + 1n}`
    const merge = `{"metadata":{"labels":{"a":"b"}},"spec":{"tolerations":[{"key":"k","operator":"Exists","effect":"NoExecute",${toleration}}]}}`
    for (const [contentType, body] of [
      ['application/merge-patch+json', merge],
      ['application/strategic-merge-patch+json', merge],
      [
        'application/json-patch+json',
        `[{"op":"add","path":"/spec/tolerations/-","value":{"key":"l","operator":"Exists",${toleration.replace('833', '834')},"effect":"NoExecute"}}]`,
      ],
    ] as const) {
      const text = textOf(await ask('PATCH', `${url}/a?dryRun=All`, { body, contentType }))
      expect(text).toContain(field)
      expect(text).toContain('"tolerationSeconds":35463438267243058')
      expect(textOf(await ask('PATCH', `${url}/a`, { body, contentType }))).toContain(field)
    }
    const stored = textOf(await ask('GET', `${url}/a`))
    expect(stored).toContain(toleration)
    expect(stored).toContain('"tolerationSeconds":3546343826724305834')
    const revision = store.mark().disk
    expect(textOf(await ask('PUT', `${url}/a`, { body: stored }))).toBe(stored)
    expect(store.mark().disk).toBe(revision)
    expect(textOf(await ask('DELETE', `${url}/a?dryRun=All`))).toContain(field)
    server.close()
  })

  it('at the ends of their range are taken, beyond it refused', async () => {
    const { ask } = await createTestApi()
    const code = async (value: string) =>
      (await ask('POST', `${url}?dryRun=All`, { body: podText(`"terminationGracePeriodSeconds":${value}`) })).status
    expect(await code('9223372036854775807')).toBe(201)
    expect(await code('9223372036854775808')).toBeGreaterThanOrEqual(400)
    expect(await code('-9223372036854775808')).toBe(422) // negative
    expect(await code('9007199254740993')).toBe(201)
  })

  it('where a smaller number is wanted are refused with their digits', async () => {
    const { json } = await createTestApi()
    for (const [field, found] of [
      [`"priority":${big}`, 'number'],
      [`"hostname":${big}`, 'number'],
      [`"activeDeadlineSeconds":${big}`, big],
    ] as const) {
      const { code, body } = await json('POST', `${url}?dryRun=All`, { body: podText(field) })
      expect([400, 422]).toContain(code)
      expect(body.message).toContain(found)
    }
  })

  it('as a quantity keep their digits too', async () => {
    const { json } = await createTestApi()
    const body = podText('"FIELD":0')
      .replace('"FIELD":0', '"nodeName":""')
      .replace('"image":"b:1"', `"image":"b:1","resources":{"limits":{"memory":${big}}}`)
    expect((await json('POST', `${url}?dryRun=All`, { body })).body.spec.containers[0].resources.limits).toEqual({ memory: big })
  })

  it('a pod with a grace of an age of the world is deleted like any other', async () => {
    const { ask, json } = await createTestApi()
    await ask('POST', url, { body: podText(`"nodeName":"n1","terminationGracePeriodSeconds":${big}`) })
    const { code, body } = await json('DELETE', `${url}/a`)
    expect(code).toBe(200)
    expect(body.metadata.deletionTimestamp).toBe('9999-12-31T23:59:59Z')
    expect(await json('DELETE', `${url}/a?gracePeriodSeconds=0`)).toMatchObject({ code: 200 })
    expect((await ask('GET', `${url}/a`)).status).toBe(404)
  })
})
