import * as z from 'zod'
import { overlap, parseCidr } from '../meta/ip.ts'

/** A network of the cluster, as hub and agents are told it; `mostBits`: a smaller one has no room for what lies in it. */
export const networkOption = (mostBits = 32) =>
  z
    .string()
    .refine((text) => parseCidr(text) !== undefined, { message: 'expected a network such as 10.42.0.0/16', abort: true })
    .refine((text) => (parseCidr(text)?.bits ?? 0) <= mostBits, `expected a network of /${mostBits} or larger`)

type Networks = { readonly clusterCidr: string; readonly serviceCidr: string }

/** An address in both networks would be a pod's and a Service's, and nobody could say which. */
export const haveNetworksApart = <S extends z.ZodType<Networks>>(schema: S): S =>
  schema.refine(
    ({ clusterCidr, serviceCidr }) => {
      const [pods, services] = [parseCidr(clusterCidr), parseCidr(serviceCidr)]
      return pods === undefined || services === undefined || !overlap(pods, services)
    },
    { path: ['serviceCidr'], message: 'it overlaps --cluster-cidr, and must be a network of its own' },
  )
