import type { Parameter } from '../../routes/route.ts'

const string = (name: string, description: string): Parameter => ({ name, type: 'string', description })
const integer = (name: string, description: string): Parameter => ({ name, type: 'integer', description })
const boolean = (name: string, description: string): Parameter => ({ name, type: 'boolean', description })

const dryRun = string('dryRun', 'All: do everything but store the result.')
const fieldManager = string('fieldManager', 'The name of who makes this change.')
const fieldValidation = string(
  'fieldValidation',
  'What to do with unknown and duplicate fields: Ignore drops them, Warn tells of them, Strict refuses the request.',
)

export const writeQuery: readonly Parameter[] = [dryRun, fieldManager, fieldValidation]
export const patchQuery: readonly Parameter[] = [
  ...writeQuery,
  boolean('force', 'Server-side apply only: take over fields that others manage.'),
]

export const deleteQuery: readonly Parameter[] = [
  dryRun,
  integer('gracePeriodSeconds', 'How long the object may take to end; 0 ends it at once.'),
  string('propagationPolicy', 'What becomes of the objects that this one owns: Orphan, Background or Foreground.'),
]

export const listQuery: readonly Parameter[] = [
  boolean('allowWatchBookmarks', 'Let a watch tell now and then which resourceVersion it has reached.'),
  string('continue', 'Where the page before this one ended.'),
  string('fieldSelector', 'Only objects whose fields match.'),
  string('labelSelector', 'Only objects whose labels match.'),
  integer('limit', 'The most objects in one answer.'),
  string('resourceVersion', 'What the answer must be at least as new as.'),
  string('resourceVersionMatch', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  boolean('sendInitialEvents', 'Let a watch begin with what there is.'),
  integer('timeoutSeconds', 'When the server ends the watch.'),
  boolean('watch', 'Send changes as they come, instead of a list.'),
]
