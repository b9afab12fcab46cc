import { ApiError, notFound } from '@bramble/shared/api/api-error.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import type { Call } from '../call.ts'
import { oneOf } from '../remote/dial.ts'
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
    // Async also where there is no place at all, which is told as what cannot be reached.
    dial: async (signal) =>
      oneOf(placesOf(registry, { namespace, name, port: port.port }), random, signal, (place) => dialPlace(call, place, signal)),
  }
}

const unavailable = (message: string) => new ApiError('ServiceUnavailable', message)
