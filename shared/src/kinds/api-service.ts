import * as z from 'zod'
import { type FieldError, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { checkDns1035Label, checkDnsSubdomain } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { formatTime } from '../meta/time.ts'
import { allMetadata, defineKind } from '../schema/kind.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { bool, bytes, int32, text, textOrEmpty, time } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checked, required } from './rules/field-errors.ts'
import { validateServicePort } from './rules/webhooks.ts'

const group = 'apiregistration.k8s.io/v1'

export const serviceReference = message(`${group}.ServiceReference`, {
  namespace: opt(1, text, { description: 'The namespace of the Service.' }),
  name: opt(2, text, { description: 'The name of the Service.' }),
  port: f(3, int32.default(443), { description: 'The port of the Service.', ptr: true }),
})
export type ServiceReference = z.infer<typeof serviceReference>

export const apiServiceSpec = message(`${group}.APIServiceSpec`, {
  service: opt(1, serviceReference, { description: 'The Service that answers; none: the hub itself.' }),
  group: opt(2, text, { description: 'The group.' }),
  version: opt(3, text, { description: 'Its version.' }),
  insecureSkipTLSVerify: opt(4, bool, { description: 'Whether its certificate is not looked at.' }),
  caBundle: opt(5, bytes, { description: 'The authorities that its certificate may come from.' }),
  groupPriorityMinimum: f(7, int32, { description: 'The higher, the more clients prefer the group.' }),
  versionPriority: f(8, int32, { description: 'The higher, the more clients prefer the version among those of its group.' }),
})
export type ApiServiceSpec = z.infer<typeof apiServiceSpec>

export const apiServiceCondition = message(`${group}.APIServiceCondition`, {
  type: f(1, textOrEmpty, { description: 'Available' }),
  status: f(2, oneOf('True', 'False', 'Unknown')),
  lastTransitionTime: opt(3, time, { byValue: true }),
  reason: opt(4, text),
  message: opt(5, text),
})
export type ApiServiceCondition = z.infer<typeof apiServiceCondition>

export const apiServiceStatus = message(`${group}.APIServiceStatus`, {
  conditions: opt(1, z.array(apiServiceCondition), {
    description: 'Whether it answers.',
    list: 'map',
    keys: ['type'],
    patch: 'merge',
    key: 'type',
  }),
})

export const apiService = message(`${group}.APIService`, {
  apiVersion: z.literal(group),
  kind: z.literal('APIService'),
  metadata: f(1, objectMeta),
  spec: f(2, apiServiceSpec, { description: 'The group and version, and who answers for it.' }),
  status: opt(3, apiServiceStatus, { description: 'Whether it answers.', byValue: true }),
})
export type ApiService = z.infer<typeof apiService>

export const apiServices = defineKind<ApiService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  resource: 'apiservices',
  singular: 'apiservice',
  categories: ['api-extensions'],
  namespaced: false,
  schema: apiService,
  description:
    'A group and version of the API and who answers for it: those of the hub are Local, requests for others are passed on to their Service.',
  nameRule: 'path-segment',
  needsRevision: true,
  subresources: { status: true, statusKeeps: allMetadata },
  columns: [
    nameColumn,
    {
      name: 'Service',
      type: 'string',
      description: 'Who answers for it.',
      cell: ({ spec: { service } }) => (service === undefined ? 'Local' : `${service.namespace ?? ''}/${service.name ?? ''}`),
    },
    { name: 'Available', type: 'string', description: 'Whether it answers.', cell: shownAvailability },
    ageColumn,
  ],
  prepareForCreate(object, { now }) {
    if (object.spec.service === undefined) object.status = { conditions: [availableLocally(now())] }
    else delete object.status
  },
  prepareForUpdate(next, previous, { now }) {
    // Who answers now has not been asked yet.
    if (next.spec.service !== undefined && previous.spec.service === undefined) delete next.status
    if (next.spec.service === undefined && previous.spec.service !== undefined) next.status = { conditions: [availableLocally(now())] }
  },
  validate: ({ metadata, spec }) => [...validateName(metadata.name, spec), ...validateSpec(spec)],
})

const availableLocally = (now: Date): ApiServiceCondition => ({
  ...{ type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' },
  lastTransitionTime: formatTime(now),
})

function shownAvailability({ status }: ApiService): string {
  const found = status?.conditions?.find(({ type }) => type === 'Available')
  if (found === undefined) return 'Unknown'
  return found.status === 'True' ? 'True' : `${found.status} (${found.reason ?? ''})`
}

function validateName(name: string, { group: of = '', version = '' }: ApiServiceSpec): FieldError[] {
  const wanted = `${version}.${of}`
  return name === '' || name === wanted
    ? []
    : [fieldInvalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`)]
}

function validateSpec({ service, caBundle = '', insecureSkipTLSVerify = false, ...spec }: ApiServiceSpec): FieldError[] {
  const { group: of = '', version = '', groupPriorityMinimum, versionPriority } = spec
  const within = (field: string, value: number, most: number) =>
    value > 0 && value <= most ? [] : [fieldInvalid(field, value, `must be positive and less than ${most}`)]
  return [
    ...(of === '' && version !== 'v1' ? [fieldRequired('spec.group', 'only v1 may have an empty group and it better be legacy kube')] : []),
    ...(of === '' ? [] : checked('spec.group', of, checkDnsSubdomain)),
    ...checked('spec.version', version, checkDns1035Label),
    ...within('spec.groupPriorityMinimum', groupPriorityMinimum, 20_000),
    ...within('spec.versionPriority', versionPriority, 1000),
    ...(service === undefined
      ? validateLocal({ caBundle, insecureSkipTLSVerify })
      : validateRemote(service, { caBundle, insecureSkipTLSVerify })),
  ]
}

type Trust = { readonly caBundle: string; readonly insecureSkipTLSVerify: boolean }

const validateLocal = ({ caBundle, insecureSkipTLSVerify }: Trust): FieldError[] => [
  ...(caBundle === ''
    ? []
    : [fieldInvalid('spec.caBundle', `${Buffer.from(caBundle, 'base64').length} bytes`, 'local APIServices may not have a caBundle')]),
  ...(insecureSkipTLSVerify
    ? [fieldInvalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
    : []),
]

const validateRemote = ({ namespace, name, port }: ServiceReference, { caBundle, insecureSkipTLSVerify }: Trust): FieldError[] => [
  ...required('spec.service.namespace', namespace),
  ...required('spec.service.name', name),
  ...validateServicePort(port, 'spec.service.port'),
  ...(insecureSkipTLSVerify && caBundle !== ''
    ? [fieldInvalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
    : []),
]
