import { checkCertificates, readSigningRequest, requestBytesOf } from '@bramble/shared/certificates/signing-request.ts'
import { derValues } from '@bramble/shared/certificates/der.ts'
import { createPki } from '../../../hub/src/apiserver/testing/pki.ts'
import { leastManifests } from '../../../hub/src/apiserver/testing/least-manifests.ts'
import { userOfCertificate } from '../../../hub/src/apiserver/authn/client-certificate.ts'
import { readOrTold } from '../refusals.ts'
import { mutateBytes } from '../mutate.ts'
import { defineTarget } from '../target.ts'

const { spec } = leastManifests['CertificateSigningRequest'] as { spec: { request: string } } // as it is written there
const request = Buffer.from(spec.request, 'base64').toString()
const der = Buffer.from(request.split('\n').slice(1, -2).join(''), 'base64')

/** Half of the inputs are DER in good armour, else nothing but the armour would be looked at. */
export const certificates = defineTarget({
  name: 'certificates',
  seeds: [request, der, { json: { CN: 'jo', O: ['a', 'b'] } }],
  words: [
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    '-----BEGIN CERTIFICATE REQUEST-----',
    '0\x82\x01\x00',
    '\x06\x03\x55\x04\x0a',
    '\x31\x80',
    'A: b\n',
  ],
  async open() {
    const { ca } = await createPki()
    const caDer = Buffer.from(ca.split('\n').slice(1, -2).join(''), 'base64')
    return (input, random) => {
      const inArmour = (type: string, bytes: Buffer) => `-----BEGIN ${type}-----\n${bytes.toString('base64')}\n-----END ${type}-----\n`
      readOrTold(() => derValues(input), /it is no DER/)
      for (const text of [input.toString(), inArmour('CERTIFICATE REQUEST', input)])
        readOrTold(() => readSigningRequest(requestBytesOf(text)), /./)
      const changed = mutateBytes(caDer, { random, words: [] })
      for (const text of [input.toString(), inArmour('CERTIFICATE', changed)]) readOrTold(() => checkCertificates(text), /./)
      const subject = readOrTold(() => JSON.parse(input.toString()) as unknown, /JSON/)
      if (isSubject(subject)) userOfCertificate({ subject: subject as never, fingerprint256: '' }) // as Node gives it
    }
  },
})

/** Of an attribute that there is once Node makes a text, else a list of texts. */
const isSubject = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((part) => typeof part === 'string' || (Array.isArray(part) && part.every((one) => typeof one === 'string')))
