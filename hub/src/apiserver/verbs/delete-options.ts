import { badRequest, type FieldError, fieldInvalid, fieldNotSupported } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import { typeNodeOf } from '@bramble/shared/schema/type-node.ts'
import { deleteOptions } from '@bramble/shared/types/delete-options.ts'
import { pathText } from '@bramble/shared/schema/schema-error.ts'
import { decodeBody } from '../bodies/object-body.ts'
import { queryNumber } from '../query/query-number.ts'
import { isTrue } from '../query/request-info.ts'
import { checkDeletion, dryRunErrors } from '../query/write-query.ts'

export type DeleteRequest = {
  readonly gracePeriodSeconds: number | undefined
  readonly uid: string | undefined
  readonly resourceVersion: string | undefined
  /** Undefined: the finalizers that are there decide. */
  readonly propagation: 'Background' | 'Foreground' | 'Orphan' | undefined
  /** Asked for as before there were policies: what is not gone at once is answered with 202. */
  readonly isOldCascade?: boolean
  readonly dryRun: boolean
}

/** How to delete: from the body when there is one, else from the query. A dry run may be asked for in either: nobody is to lose what he meant to keep. */
export function deleteRequest(request: ApiRequest): DeleteRequest {
  return checkedDeleteRequest(fromBody(request) ?? fromQuery(request.query), request.query)
}

/** Delete options from wherever they come; `dryRun` may also stand in the query. */
export function checkedDeleteRequest(options: unknown, query: URLSearchParams): DeleteRequest {
  const parsed = deleteOptions.safeParse(options)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw badRequest(`DeleteOptions: ${pathText(issue?.path ?? [])}: ${issue?.message ?? 'is not valid'}`)
  }
  const { gracePeriodSeconds, preconditions: { uid, resourceVersion } = {}, orphanDependents, propagationPolicy, dryRun = [] } = parsed.data
  const dry = [...dryRun, ...query.getAll('dryRun')]
  const policy = propagations.find((known) => known === propagationPolicy)
  const errors: FieldError[] = []
  if (orphanDependents !== undefined && propagationPolicy !== undefined)
    errors.push(fieldInvalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'))
  if (propagationPolicy !== undefined && policy === undefined)
    errors.push(fieldNotSupported('propagationPolicy', propagationPolicy, [...propagations, 'nil']))
  checkDeletion([...errors, ...dryRunErrors(dry)])
  return {
    // As in Kubernetes a negative grace is one second.
    gracePeriodSeconds: gracePeriodSeconds === undefined ? undefined : gracePeriodSeconds < 0 ? 1 : Number(gracePeriodSeconds),
    uid,
    resourceVersion,
    propagation: policy ?? (orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background'),
    isOldCascade: orphanDependents === false,
    dryRun: dry.length > 0,
  }
}

/** As webhooks are shown it. */
export const optionsTold = ({ gracePeriodSeconds, uid, resourceVersion, propagation, isOldCascade, dryRun }: DeleteRequest): object => ({
  kind: 'DeleteOptions',
  apiVersion: 'meta.k8s.io/v1',
  ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
  ...((uid !== undefined || resourceVersion !== undefined) && {
    preconditions: { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) },
  }),
  ...(propagation !== undefined && (isOldCascade === true ? { orphanDependents: false } : { propagationPolicy: propagation })),
  ...(dryRun && { dryRun: ['All'] }),
})

const propagations = ['Foreground', 'Background', 'Orphan'] as const

const withoutUndefined = (record: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null))

/** Undefined: there is none. */
function fromBody(request: ApiRequest): Record<string, unknown> | undefined {
  const { body } = request
  if (body === undefined || (body instanceof Uint8Array && body.byteLength === 0)) return undefined
  if (body instanceof Uint8Array && isNull(body)) return {}
  const { value } = decodeBody(request, { apiVersion: 'v1', kind: 'DeleteOptions', node: typeNodeOf(deleteOptions) })
  return withoutUndefined(value)
}

const isNull = (body: Uint8Array): boolean => body.byteLength < 16 && Buffer.from(body).toString().trim() === 'null'

function fromQuery(query: URLSearchParams): Record<string, unknown> {
  const orphan = query.get('orphanDependents')
  return withoutUndefined({
    gracePeriodSeconds: queryNumber(query, 'gracePeriodSeconds'),
    orphanDependents: orphan === null ? undefined : isTrue(orphan),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
  })
}
