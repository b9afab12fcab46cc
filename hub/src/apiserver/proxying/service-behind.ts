import { ApiError, notFound } from '@bramble/shared/api/api-error.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import type { Call } from '../call.ts'
import { placesOf } from '../remote/places.ts'
import { dialPlace } from './dial-place.ts'
import type { Behind } from './proxy-to.ts'
import { portNumber, type TargetName } from './target-name.ts'

/** One of the endpoints behind a port of a Service, which is said by its number or its name; one that does not answer is left for another. */
export function serviceBehind({ name, port: said }: TargetName, call: Call): Behind {
  const { registry, random } = call.api
  const { namespace = '' } = call.info
  const entry = registry.find(services, namespace, name)
  if (entry === undefined) throw notFound(services, name)
  const { spec } = registry.objectOf(services, entry)
  const number = portNumber(said)
  const port = spec.ports?.find((each) => (number === undefined ? (each.name ?? '') === said : each.port === number))
  if (port === undefined || spec.type === 'ExternalName')
    throw unavailable(
      number === undefined
        ? `no endpoints available for service ${JSON.stringify(name)}`
        : `no service port ${number} found for service ${JSON.stringify(name)}`,
    )
  return {
    async dial(signal) {
      const places = placesOf(registry, { namespace, name, port: port.port })
      const first = Math.floor(random() * places.length)
      let failure: unknown
      for (let tried = 0; tried < Math.min(maxTried, places.length); tried += 1) {
        try {
          return await dialPlace(call, places[(first + tried) % places.length] as (typeof places)[number], signal) // within the list
        } catch (error) {
          signal.throwIfAborted()
          failure ??= error
        }
      }
      throw failure
    },
  }
}

// Who asks waits for us.
const maxTried = 3
const unavailable = (message: string) => new ApiError('ServiceUnavailable', message)
