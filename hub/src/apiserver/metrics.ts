import { braced, labelsText, type Metric, metricText } from '@bramble/shared/metrics/exposition.ts'

/** The metrics of the apiserver, in the text format that Prometheus reads. */
export type Metrics = {
  readonly requests: Counter<RequestLabel | 'code'>
  readonly seconds: Histogram<RequestLabel>
  readonly responseSizes: Histogram<Exclude<RequestLabel, 'dry_run'>>
  readonly watchEventSizes: Histogram<'group' | 'version' | 'resource'>
  readonly longRunning: Counter<Exclude<RequestLabel, 'dry_run'>>
  readonly admissionSeconds: Histogram<'name' | 'operation' | 'rejected' | 'type'>
  readonly inFlight: Counter<'request_kind'>
  readonly watchers: Counter<'resource'>
  readonly rejected: Counter<'reason'>
  readonly watchEvents: Counter<'group' | 'version' | 'resource'>
  /** Of MutatingAdmissionPolicies, each mutation on its own. */
  readonly mutations: Counter<MutationLabel>
  readonly mutationSeconds: Histogram<MutationLabel>
  /** 1 for what is out of date and was asked for since the start. */
  readonly deprecated: Counter<'group' | 'version' | 'resource' | 'subresource' | 'removed_release'>
  readonly auditEvents: Counter<never>
  readonly auditErrors: Counter<'plugin'>
  readonly auditLevels: Counter<'level'>
  readonly auditRejected: Counter<never>
  /** Of the hub at servers that objects name; the code is `<error>` where there was no answer. */
  readonly clientRequests: Counter<'code' | 'host' | 'method'>
  /** The whole page; `gauges` are read at that moment. */
  render(gauges: readonly Gauge[]): string
}

/** As Kubernetes tells requests apart. */
export type RequestLabel = 'verb' | 'dry_run' | 'group' | 'version' | 'resource' | 'subresource' | 'scope' | 'component'

export type MutationLabel = 'policy' | 'policy_binding' | 'error_type'

/** Read when the page is. */
export type Gauge = Metric
type Labels<L extends string> = Readonly<Record<L, string>>
/** `of`: the series of these labels, for who counts in it with every request. */
type Counter<L extends string> = { add(labels: Labels<L>, amount?: number): void; of(labels: Labels<L>): Count }
type Histogram<L extends string> = { of(labels: Labels<L>): Observed }
export type Count = { count: number }
export type Observed = { observe(value: number): void }

/** From a read out of memory to a write that waits for a tired SD card. */
const secondsOfRequests = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10]
/** These are Kubernetes'. */
const secondsOfAdmission = [0.005, 0.025, 0.1, 0.5, 1, 2.5]
const secondsOfMutations = [0.0000005, 0.001, 0.01, 0.1, 1]
const bytesOfResponses = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
const bytesOfEvents = [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072]

/** Definitions come and go by any name, and what was counted of them stays: those that come later are counted as one. */
const mostSeries = 10_000

export function createMetrics(): Metrics {
  const requests = counter('apiserver_request_total', 'counter', 'Requests answered, by verb, resource and code.')
  const seconds = histogram(
    'apiserver_request_duration_seconds',
    'Time to answer a request, without watches and streams.',
    secondsOfRequests,
  )
  const responseSizes = histogram('apiserver_response_sizes', 'Bytes of answers to reads over HTTPS.', bytesOfResponses)
  const watchEventSizes = histogram('apiserver_watch_events_sizes', 'Bytes of events of watches over HTTPS.', bytesOfEvents)
  const longRunning = counter('apiserver_longrunning_requests', 'gauge', 'Watches and logs that are being read.')
  const admissionSeconds = histogram(
    'apiserver_admission_controller_admission_duration_seconds',
    'Time that one admission plugin took for one write.',
    secondsOfAdmission,
  )
  const inFlight = counter('apiserver_current_inflight_requests', 'gauge', 'Requests being answered now, without watches and streams.')
  const watchers = counter('apiserver_registered_watchers', 'gauge', 'Open watches, by resource.')
  const rejected = counter('apiserver_flowcontrol_rejected_requests_total', 'counter', 'Requests turned away before they were looked at.')
  const watchEvents = counter('apiserver_watch_events_total', 'counter', 'Events of watches that were read, by resource.')
  const deprecated = counter('apiserver_requested_deprecated_apis', 'gauge', 'What is out of date and was asked for since the start.')
  const auditEvents = counter('apiserver_audit_event_total', 'counter', 'Audit events that were made.')
  const auditErrors = counter('apiserver_audit_error_total', 'counter', 'Audit events that were lost, by where they should have gone.')
  const auditLevels = counter('apiserver_audit_level_total', 'counter', 'Requests by the level at which the audit policy has them.')
  const auditRejected = counter('apiserver_audit_requests_rejected_total', 'counter', 'Requests turned away for want of audit: none are.')
  const clientRequests = counter('rest_client_requests_total', 'counter', 'Requests of the hub to servers that objects name.')
  const mutations = counter(
    'apiserver_mutating_admission_policy_check_total',
    'counter',
    'Mutations of policies that were made, by binding.',
  )
  const mutationSeconds = histogram(
    'apiserver_mutating_admission_policy_check_duration_seconds',
    'Time that one mutation of a policy took.',
    secondsOfMutations,
  )
  const sizes = { responseSizes, watchEventSizes }
  const all = {
    requests,
    seconds,
    ...sizes,
    longRunning,
    admissionSeconds,
    inFlight,
    watchers,
    rejected,
    watchEvents,
    deprecated,
    auditEvents,
    auditErrors,
    auditLevels,
    auditRejected,
    clientRequests,
    mutations,
    mutationSeconds,
  }
  const pages = Object.values(all)
  return { ...all, render: (gauges) => pages.map(({ render }) => render()).join('') + gauges.map(metricText).join('') }
}

/** One value for each combination of labels, whose text is made once. */
function series<T>(create: () => T) {
  const all = new Map<string, { readonly labels: string; readonly value: T }>()
  const others = (labels: Readonly<Record<string, string>>) => Object.fromEntries(Object.keys(labels).map((name) => [name, 'other']))
  return {
    of(labels: Readonly<Record<string, string>>): T {
      const key = Object.values(labels).join('\n')
      let one = all.get(key)
      if (one !== undefined) return one.value
      const isRoom = all.size < mostSeries || Object.values(labels).every((value) => value === 'other')
      if (!isRoom) return this.of(others(labels))
      all.set(key, (one = { labels: labelsText(labels), value: create() }))
      return one.value
    },
    all: () => [...all.values()],
  }
}

function counter(name: string, type: 'counter' | 'gauge', help: string) {
  const counts = series(() => ({ count: 0 }))
  return {
    of: (labels: Readonly<Record<string, string>>) => counts.of(labels),
    add(labels: Readonly<Record<string, string>>, amount = 1) {
      counts.of(labels).count += amount
    },
    render() {
      const lines = counts.all().map(({ labels, value }) => `${name}${braced(labels)} ${value.count}\n`)
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
    },
  }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0)

function histogram(name: string, help: string, buckets: readonly number[]) {
  const observed = series(() => ({
    counts: buckets.map(() => 0),
    sum: 0,
    count: 0,
    observe(value: number) {
      this.sum += value
      this.count++
      // Each in the first that has room for it: what lies below is summed up when the page is read.
      for (let index = 0; index < buckets.length; index++)
        if (value <= (buckets[index] ?? 0)) {
          this.counts[index] = (this.counts[index] ?? 0) + 1
          return
        }
    },
  }))
  return {
    of: (labels: Readonly<Record<string, string>>) => observed.of(labels),
    render() {
      const lines = observed
        .all()
        .flatMap(({ labels, value: { counts, sum, count } }) => [
          ...buckets.map((bound, index) => `${name}_bucket{${labels},le="${bound}"} ${sumOf(counts.slice(0, index + 1))}`),
          `${name}_bucket{${labels},le="+Inf"} ${count}`,
          `${name}_sum{${labels}} ${sum}`,
          `${name}_count{${labels}} ${count}`,
        ])
      return `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${lines.map((line) => `${line}\n`).join('')}`
    },
  }
}
