import { describe, expect, it } from 'vitest'
import { cronJobs } from './cron-job.ts'
import { type Job, jobs } from './job.ts'
import { countIndexes } from './rules/job-indexes.ts'
import { created, refusals, row, updateRefusals } from './rules/testing.ts'

const podSpec = { containers: [{ name: 'app', image: 'busybox:1' }], restartPolicy: 'Never' }
const template = (spec: object = {}) => ({ spec: { ...podSpec, ...spec } })
const job = (spec: object = {}) => ({ metadata: { name: 'once', uid: 'u-1' }, spec: { template: template(), ...spec } })
const indexed = { completionMode: 'Indexed', completions: 5 }
const rules = (...all: object[]) => ({ podFailurePolicy: { rules: all } })
const at = 'spec.podFailurePolicy.rules[0]'

/** What a Job is refused for, and what a CronJob with it as its template. */
const refusedTwice = (spec: object) => [
  refusals(jobs, job(spec)),
  refusals(cronJobs, {
    metadata: { name: 'often' },
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: template(), ...spec } } },
  }).map((line) => line.replace('spec.jobTemplate.spec', 'spec')),
]

describe('a job', () => {
  it('gets the defaults of Kubernetes, a selector of its own, and no status of its sender', () => {
    const { spec, metadata, status } = created(jobs, { ...job(), status: { active: 7 } })
    const labels = {
      'controller-uid': 'u-1',
      'batch.kubernetes.io/controller-uid': 'u-1',
      'job-name': 'once',
      'batch.kubernetes.io/job-name': 'once',
    }
    expect(spec).toMatchObject({
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u-1' } },
      template: { metadata: { labels } },
    })
    expect([metadata.generation, status]).toEqual([1, {}])
    expect(created(jobs, job({ parallelism: 3 })).spec.completions).toBeUndefined()
    expect(created(jobs, job({ ...indexed, backoffLimitPerIndex: 1 })).spec.backoffLimit).toBe(2 ** 31 - 1)
    expect(created(jobs, job(rules())).spec.podReplacementPolicy).toBe('Failed')
  })

  it('is refused for labels of another, and for a selector that is not its own', () => {
    const labels = { 'job-name': 'other' }
    expect(refusals(jobs, job({ template: { ...template(), metadata: { labels } } }))).toEqual([
      expect.stringMatching(/^spec\.template\.metadata\.labels\[job-name\]: Invalid value: .*: must be 'once'$/),
    ])
    expect(refusals(jobs, job({ selector: { matchLabels: { app: 'x' } } }))).toEqual([
      expect.stringMatching(/^spec\.selector: Invalid value: .*: `selector` not auto-generated$/),
      expect.stringMatching(/^spec\.template\.metadata\.labels: Invalid value: .*: `selector` does not match template `labels`$/),
    ])
    expect(refusals(jobs, job({ manualSelector: true }))).toEqual(['spec.selector: Required value'])
  })

  it.each<[string, object, string[]]>([
    [
      'pods that never end',
      { template: template({ restartPolicy: 'Always' }) },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      'negative numbers',
      { parallelism: -1, completions: -1, activeDeadlineSeconds: -1, backoffLimit: -1, ttlSecondsAfterFinished: -1 },
      ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'].map(
        (field) => `spec.${field}: Invalid value: -1: must be greater than or equal to 0`,
      ),
    ],
    [
      'a mode that nobody knows',
      { completionMode: 'Other' },
      ['spec.completionMode: Unsupported value: "Other": supported values: "NonIndexed", "Indexed"'],
    ],
    [
      'indexes without end',
      { completionMode: 'Indexed', parallelism: 100_001 },
      [
        'spec.completions: Required value: when completion mode is Indexed',
        'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
      ],
    ],
    [
      'limits of indexes that it has not',
      { backoffLimitPerIndex: 1, maxFailedIndexes: 1 },
      ['backoffLimitPerIndex', 'maxFailedIndexes'].map((field) => `spec.${field}: Invalid value: 1: requires indexed completion mode`),
    ],
    [
      'a limit of failed indexes alone',
      { ...indexed, maxFailedIndexes: 1 },
      ['spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified'],
    ],
    [
      'more failed indexes than there are',
      { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 6 },
      ['spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions'],
    ],
    [
      'very many indexes without a limit',
      { ...indexed, completions: 100_001, backoffLimitPerIndex: 1 },
      ['spec.maxFailedIndexes: Required value: must be specified when completions is above 100000'],
    ],
    [
      'a manager without a domain',
      { managedBy: 'me' },
      ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      'a policy of new pods',
      { podReplacementPolicy: 'Never' },
      ['spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"'],
    ],
    [
      'failures that containers hide',
      { ...rules(), template: template({ restartPolicy: 'OnFailure' }) },
      ['spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified'],
    ],
    [
      'a rule about nothing',
      rules({}),
      [
        `${at}.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`,
        `${at}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`,
      ],
    ],
    [
      'a rule about both',
      rules({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'DisruptionTarget' }] }),
      [
        `${at}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
        `${at}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`,
      ],
    ],
    [
      'exit codes that are none',
      rules({ action: 'Ignore', onExitCodes: { containerName: 'x', operator: 'In', values: [3, 0, 3] } }),
      [
        `${at}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`,
        `${at}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
        `${at}.onExitCodes.values[2]: Duplicate value: 3`,
        `${at}.onExitCodes.values: Invalid value: [3,0,3]: must be ordered`,
      ],
    ],
    [
      'conditions that are none',
      rules({ action: 'Count', onPodConditions: [{ type: 'Ready', status: 'Maybe' }] }),
      [`${at}.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`],
    ],
    [
      'a success without indexes',
      { successPolicy: { rules: [] } },
      ['spec.successPolicy: Invalid value: {"rules":[]}: requires indexed completion mode'],
    ],
    [
      'a success without rules',
      { ...indexed, successPolicy: { rules: [] } },
      ['spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified'],
    ],
    [
      'successes that cannot be',
      {
        ...indexed,
        successPolicy: { rules: [{}, { succeededCount: 3, succeededIndexes: '0-1' }, { succeededCount: 6 }, { succeededIndexes: '9' }] },
      },
      [
        'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
        'spec.successPolicy.rules[1].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
        'spec.successPolicy.rules[2].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)',
        'spec.successPolicy.rules[3].succeededIndexes: Invalid value: "9": error parsing succeededIndexes: too large index: "9"',
      ],
    ],
  ])('is refused for %s, also as the template of one', (_why, spec, expected) => {
    expect(refusedTwice(spec)).toEqual([expected, expected])
  })

  it('does what it was made for', () => {
    const before = created(jobs, job(indexed))
    const change = (spec: object) => (object: Job) => void Object.assign(object.spec, spec)
    expect(updateRefusals(jobs, before, change({ parallelism: 2, suspend: true, activeDeadlineSeconds: 3, backoffLimit: 2 }))).toEqual([])
    expect(updateRefusals(jobs, before, change({ completions: 3, parallelism: 3 }))).toEqual([])
    expect(updateRefusals(jobs, before, change({ completions: 3 }))).toEqual([
      'spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism',
    ])
    expect(updateRefusals(jobs, created(jobs, job()), change({ completions: 3 }))).toEqual([
      'spec.completions: Invalid value: 3: field is immutable',
    ])
    expect(updateRefusals(jobs, before, change({ backoffLimitPerIndex: 1 }))).toEqual([
      'spec.backoffLimitPerIndex: Invalid value: 1: field is immutable',
    ])
    const move = ({ spec }: Job) => void (spec.template.spec.nodeSelector = { disk: 'ssd' })
    expect(updateRefusals(jobs, before, move)).toEqual([expect.stringMatching(/^spec\.template: Invalid value: .*: field is immutable$/)])
    expect(updateRefusals(jobs, created(jobs, job({ suspend: true })), move)).toEqual([])
  })

  it('is printed with what has become of it', () => {
    const object = created(jobs, job({ completions: 3 }))
    const now = new Date('2026-01-01T00:02:00Z')
    expect(row(jobs, object, { now })).toEqual(['once', 'Running', '0/3', '', undefined])
    object.status = { startTime: '2026-01-01T00:00:00Z', succeeded: 1 }
    expect(row(jobs, object, { now }).slice(1, 4)).toEqual(['Running', '1/3', '2m'])
    object.status = {
      ...object.status,
      completionTime: '2026-01-01T00:00:07Z',
      succeeded: 3,
      conditions: [{ type: 'Complete', status: 'True' }],
    }
    expect(row(jobs, object, { now, wide: true })).toEqual([
      ...['once', 'Complete', '3/3', '7s', undefined, 'app', 'busybox:1'],
      'batch.kubernetes.io/controller-uid=u-1',
    ])
    expect(row(jobs, created(jobs, job({ parallelism: 4 })), { now })[2]).toBe('0/1 of 4')
  })

  it('warns of a name that is no host name', () => {
    expect(jobs.warnings?.(created(jobs, { ...job(), metadata: { name: 'a.b', uid: 'u' } }))).toEqual([
      expect.stringMatching(/^metadata\.name: this is used in Pod names and hostnames/),
    ])
  })
})

describe('a cron job', () => {
  const cronJob = (spec: object = {}) => ({
    metadata: { name: 'often' },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: template() } }, ...spec },
  })

  it('gets the defaults of Kubernetes, and leaves those of its Jobs to them', () => {
    const { spec, status } = created(cronJobs, { ...cronJob(), status: { lastScheduleTime: '2026-01-01T00:00:00Z' } })
    expect(spec).toMatchObject({ concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 })
    expect(Object.keys(spec.jobTemplate.spec)).toEqual(['template'])
    expect(status).toEqual({})
  })

  it.each<[string, object, string[]]>([
    ['no schedule', { schedule: '' }, ['spec.schedule: Required value']],
    [
      'a schedule that is none',
      { schedule: 'error' },
      ['spec.schedule: Invalid value: "error": expected exactly 5 fields, found 1: [error]'],
    ],
    [
      'a time zone in the schedule',
      { schedule: 'TZ=UTC 0 3 * * *' },
      ['spec.schedule: Invalid value: "TZ=UTC 0 3 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
    ],
    [
      'a time zone that is none',
      { timeZone: 'Mars/Olympus' },
      ['spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus'],
    ],
    ['an empty time zone', { timeZone: '' }, ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string']],
    [
      'the time zone of somebody',
      { timeZone: 'Local' },
      ['spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'],
    ],
    [
      'negative numbers',
      { startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 },
      ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'].map(
        (field) => `spec.${field}: Invalid value: -1: must be greater than or equal to 0`,
      ),
    ],
    [
      'a selector of its own',
      { jobTemplate: { spec: { template: template(), selector: {}, manualSelector: true } } },
      [
        'spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated',
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
      ],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(cronJobs, cronJob(spec))).toEqual(expected)
  })

  it('has a name to which its Jobs can add', () => {
    expect(refusals(cronJobs, { ...cronJob(), metadata: { name: 'x'.repeat(53) } })).toEqual([
      `metadata.name: Invalid value: "${'x'.repeat(53)}": must be no more than 52 characters`,
    ])
  })

  it('is printed with its schedule', () => {
    const object = created(cronJobs, cronJob({ timeZone: 'Europe/Berlin' }))
    object.status = { active: [{}], lastScheduleTime: '2026-01-01T00:00:00Z' }
    const now = new Date('2026-01-01T01:00:00Z')
    expect(row(cronJobs, object, { now, wide: true })).toEqual([
      'often',
      '0 3 * * *',
      'Europe/Berlin',
      'False',
      1,
      '60m',
      undefined,
      'app',
      'busybox:1',
      '<none>',
    ])
    expect(row(cronJobs, created(cronJobs, cronJob()), { now })).toEqual(['often', '0 3 * * *', '<none>', 'False', 0, '<none>', undefined])
  })
})

it.each([
  ['0,2-4', { count: 4 }],
  ['', { count: 0 }],
  ['a', { count: 0, problem: 'cannot convert string to integer for index: "a"' }],
  [
    '1-2-3',
    {
      count: 0,
      problem: `the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
    },
  ],
  ['3,2', { count: 0, problem: 'non-increasing order, previous: 3, current: 2' }],
  ['3-2', { count: 0, problem: 'non-increasing order, previous: 3, current: 2' }],
  ['1-9', { count: 0, problem: 'too large index: "9"' }],
])('the indexes %j', (text, expected) => {
  expect(countIndexes(text, 5)).toEqual(expected)
})
