import type { KubeObject } from '@bramble/shared/api/client.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { WebhookClient } from '@bramble/shared/kinds/rules/webhook-client.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Elsewhere } from '@bramble/shared/schema/storage.ts'
import type { CustomResourceDefinition } from '@bramble/shared/types/custom-resource-definition.ts'
import { createGate } from './gate.ts'
import { aboutOf, type Asked, ConversionRefused, convertedIn, reviewText, reviewVersionOf } from './review.ts'

/** Posts JSON to a webhook and gives what it answers, parsed. Throws what Kubernetes would say of it (`Post "https://…": …`). */
export type PostToWebhook = (client: WebhookClient, body: string, bounds: PostBounds) => Promise<unknown>
export type PostBounds = { readonly timeoutMs: number; readonly maxBytes: number; readonly signal: AbortSignal }

/** Kubernetes' own. */
const timeoutMs = 30_000
/** One review: a webhook that is written for one object at a time must still be done in time. */
const objectsAtOnce = 500
const charactersAtOnce = 1024 * 1024
/** Of an answer: four times what was asked, and enough for one object that grows as large as an object may be. */
const growth = 4
const leastAnswer = 4 * 1024 * 1024
/** Reviews under way: a webhook that hangs holds what it was asked in memory. */
const reviewsAtOnce = { ofOne: 4, ofAll: 16 } as const

export type ConverterDeps = { readonly post: PostToWebhook; readonly uuid: () => string }

/** How the versions of a definition become each other; undefined: they differ in nothing but their name. */
export type ConverterOf = (definition: CustomResourceDefinition) => Elsewhere | undefined

export function createConverters({ post, uuid }: ConverterDeps): ConverterOf {
  const gate = createGate(reviewsAtOnce)
  const postInTurn = async (name: string, client: WebhookClient, body: string): Promise<unknown> => {
    using deadline = createDeadline(timeoutMs)
    const { signal } = deadline
    const leave = await gate.enter(name, signal)
    try {
      return await post(client, body, { timeoutMs, maxBytes: Math.max(leastAnswer, body.length * growth), signal })
    } finally {
      leave()
    }
  }
  return ({ metadata: { name }, spec: { conversion } }) => {
    if (conversion?.strategy !== 'Webhook') return undefined
    const client = conversion.webhook?.clientConfig ?? {}
    const answered = async (asked: Asked, body: string): Promise<readonly KubeObject[]> => {
      let answer: unknown
      try {
        answer = await postInTurn(name, client, body)
      } catch (cause) {
        throw new ConversionRefused(`${aboutOf(asked)} failed: ${messageOf(cause)}`, cause)
      }
      return convertedIn(answer, asked)
    }
    const version = reviewVersionOf(conversion.webhook?.conversionReviewVersions ?? [])
    return async (objects, apiVersion) => {
      if (version === undefined) throw new ConversionRefused('no supported conversion review versions')
      const converted: KubeObject[] = []
      for (const batch of batchesOf(objects)) {
        if (isTurnOver()) await nextTurn()
        const asked = { version, uid: uuid(), objects: batch.objects, apiVersion }
        const body = reviewText(asked, batch.texts)
        converted.push(...(await answered(asked, body)))
      }
      return converted
    }
  }
}

type Batch = { readonly objects: KubeObject[]; readonly texts: string[] }

function* batchesOf(objects: readonly KubeObject[]): Generator<Batch> {
  let batch: Batch = { objects: [], texts: [] }
  let characters = 0
  for (const object of objects) {
    const text = exactJson(object)
    if (batch.objects.length >= objectsAtOnce || (batch.objects.length > 0 && characters + text.length > charactersAtOnce)) {
      yield batch
      batch = { objects: [], texts: [] }
      characters = 0
    }
    batch.objects.push(object)
    batch.texts.push(text)
    characters += text.length
  }
  if (batch.objects.length > 0) yield batch
}
