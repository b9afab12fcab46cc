import { type FieldError, fieldInvalid, fieldRequired } from '@bramble/shared/api/api-error.ts'
import type { KindIndex } from '../../discovery/kind-index.ts'
import { validateOwners } from './owner-references.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { checkCanonicalIp } from '@bramble/shared/meta/canonical-ip.ts'
import {
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkPathSegment,
  checkQualifiedName,
  type NameCheck,
} from '@bramble/shared/meta/names.ts'

const nameChecks: Readonly<Record<NonNullable<Kind['nameRule']>, NameCheck>> = {
  'dns-subdomain': checkDnsSubdomain,
  'dns-label': checkDnsLabel,
  'dns-label-1035': checkDns1035Label,
  'path-segment': checkPathSegment,
  ip: checkCanonicalIp,
}

const annotationsLimitBytes = 256 * 1024

export type MetaRules = { readonly kind: Kind; readonly kinds: KindIndex }

/** What every kind's metadata must keep to. */
export const validateMeta = ({ kind, kinds }: MetaRules, { metadata }: KubeObject): readonly FieldError[] => [
  ...nameErrors(kind, metadata.name),
  ...generateNameErrors(kind, metadata.generateName ?? ''),
  ...(Number(metadata.generation ?? 0) < 0
    ? [fieldInvalid('metadata.generation', metadata.generation, 'must be greater than or equal to 0')]
    : []),
  ...labelErrors(metadata.labels ?? {}),
  ...annotationErrors(metadata.annotations ?? {}),
  ...finalizerErrors(kind, metadata.finalizers ?? []),
  ...validateOwners(kinds, metadata.ownerReferences),
]

export const labelErrors = (labels: Readonly<Record<string, string>>): readonly FieldError[] =>
  Object.entries(labels).flatMap(([key, value]) => [
    ...complaints('metadata.labels', key, checkQualifiedName),
    ...complaints('metadata.labels', value, checkLabelValue),
  ])

const complaints = (field: string, text: string, check: NameCheck): readonly FieldError[] =>
  check(text).map((complaint) => fieldInvalid(field, text, complaint))

const nameErrors = ({ nameRule = 'dns-subdomain' }: Kind, name: string): readonly FieldError[] =>
  name === ''
    ? [fieldRequired('metadata.name', 'name or generateName is required')]
    : complaints('metadata.name', name, nameChecks[nameRule])

/** What names begin with may end with a dash, as something follows. It must be good also where a name is given. */
const generateNameErrors = ({ nameRule = 'dns-subdomain' }: Kind, prefix: string): readonly FieldError[] =>
  prefix === ''
    ? []
    : nameChecks[nameRule](prefix.replace(/.-$/s, 'a')).map((complaint) => fieldInvalid('metadata.generateName', prefix, complaint))

const standardFinalizers = ['kubernetes', 'foregroundDeletion', 'orphan']

/** Of which Kubernetes checks the form of finalizers alone: what came to it as an extension, and what makes extensions known. */
const lenient: ReadonlySet<string> = new Set([
  ...['admissionregistration', 'apiextensions', 'apiregistration', 'coordination', 'node'].map((name) => `${name}.k8s.io`),
  'policy',
])

/** Of what Kubernetes itself acts on, a name without a domain is one of its own. */
function finalizerErrors({ group, node }: Kind, finalizers: readonly string[]): readonly FieldError[] {
  const field = 'metadata.finalizers'
  const isStrict = !(node.tag === 'object' && node.plain) && !lenient.has(group)
  return [
    ...finalizers.flatMap((finalizer) => complaints(field, finalizer, checkQualifiedName)),
    ...finalizers.flatMap((finalizer, i) =>
      isStrict && !finalizer.includes('/') && !standardFinalizers.includes(finalizer)
        ? [fieldInvalid(`${field}[${i}]`, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]
        : [],
    ),
    ...(finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')
      ? [fieldInvalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set')]
      : []),
  ]
}

export function annotationErrors(annotations: Readonly<Record<string, string>>): readonly FieldError[] {
  const entries = Object.entries(annotations)
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return [
    // The prefix of an annotation's key may have capitals, which are compared as small letters.
    ...entries.flatMap(([key]) => complaints('metadata.annotations', key.toLowerCase(), checkQualifiedName)),
    ...(bytes > annotationsLimitBytes
      ? [
          {
            reason: 'FieldValueTooLong' as const,
            field: 'metadata.annotations',
            message: `Too long: may not be more than ${annotationsLimitBytes} bytes`,
          },
        ]
      : []),
  ]
}
