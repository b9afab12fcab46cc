import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { fieldInvalid, invalid } from '@bramble/shared/api/api-error.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import type { Event } from '@bramble/shared/types/event.ts'
import { reportedEvents } from '@bramble/shared/kinds/reported-event.ts'
import type { ReportedEvent } from '@bramble/shared/types/reported-event.ts'
import { coreEventOf } from '@bramble/shared/kinds/rules/events.ts'
import { nodeNameOf } from '../../authz/node-user.ts'
import { defineAdmission } from '../admission.ts'

/** As Kubernetes bounds the events of `events.k8s.io`, in bytes. */
const longest = { message: 1024, reason: 128, action: 128, reportingInstance: 128, reportingComponent: 128 } as const
/** What is in an event beside those: names and references, which have lengths of their own. */
const maxBytes = 8 * 1024

/** What a node tells is kept for an hour in memory: so many, so long, and no more. */
export const nodeEvents = defineAdmission('node-events', ({ budget }) => ({
  kinds: [events, reportedEvents],
  validate({ kind, operation, object, name, origin: { user, dryRun } }) {
    const node = nodeNameOf(user)
    if (node === undefined || operation === 'DELETE') return
    // CREATE and UPDATE have it, and it is of that kind
    const event = kind === events ? (object as Event) : coreEventOf(object as ReportedEvent)
    const tooLong = (Object.keys(longest) as (keyof typeof longest)[]).filter(
      (field) => Buffer.byteLength(event[field] ?? '') > longest[field],
    )
    const errors = tooLong.map((field) => fieldInvalid(field, '', `can have at most ${longest[field]} characters`))
    const bytes = exactJson(event).length
    if (errors.length === 0 && bytes > maxBytes)
      errors.push(fieldInvalid('metadata', '', `an event of a node can have at most ${maxBytes} bytes`))
    if (errors.length > 0) throw invalid(kind, name, errors)
    if (!dryRun && operation === 'CREATE') budget.storeEvent(node, bytes)
  },
}))
