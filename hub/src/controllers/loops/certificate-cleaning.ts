import { isApiError } from '@bramble/shared/api/api-error.ts'
import { type CertificateSigningRequest, certificateSigningRequests } from '@bramble/shared/kinds/certificate-signing-request.ts'
import { defineController } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

const hourMs = 3_600_000

/** How long one is kept after it was last decided upon: as long as somebody may still fetch what came of it, and a day to decide it. */
const keptMs = (one: CertificateSigningRequest): number => ((one.status?.conditions ?? []).length > 0 ? hourMs : 24 * hourMs)

/** Takes requests away that are done or that nobody decides. Their age counts from when it was seen: no clock of a board is believed for it. */
export const certificateCleaning = defineController({
  name: 'certificate-cleaning',
  account: 'certificate-controller',
  workers: 1,
  setUp({ client, clock, queue, watch, tellAbout, onStop }) {
    /** By name: since when nothing has changed. */
    const since = new Map<string, { readonly uid: string | undefined; readonly state: string; readonly at: number }>()
    onStop(() => since.clear())
    const stateOf = ({ status }: CertificateSigningRequest) => JSON.stringify(status?.conditions ?? [])
    const onChange = (one: CertificateSigningRequest) => {
      const { name, uid } = one.metadata
      const known = since.get(name)
      const state = stateOf(one)
      if (known?.uid === uid && known?.state === state) return
      since.set(name, { uid, state, at: clock.monotonic() })
      queue.addAfter(name, keptMs(one))
    }
    const lister = watch(certificateSigningRequests, {
      onAdd: onChange,
      onUpdate: onChange,
      onDelete: ({ metadata }) => since.delete(metadata.name),
    })

    tellAbout(objectsOf(certificateSigningRequests, lister))
    return async (name, signal) => {
      const [seen, known] = [lister.get(undefined, name), since.get(name)]
      if (seen === undefined || known === undefined) return
      const left = keptMs(seen) - (clock.monotonic() - known.at)
      if (left > 0) return queue.addAfter(name, left)
      try {
        await client.delete(certificateSigningRequests, { name }, { preconditions: { uid: seen.metadata.uid }, signal })
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error
      }
    }
  },
})
