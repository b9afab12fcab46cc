import type { Handler } from '@bramble/shared/api/api-request.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { ChangingKindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { OpenNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import { randomUUID } from 'node:crypto'
import type { Store } from '../store/store.ts'
import type { FrontProxy } from './aggregation/authentication-config.ts'
import { createRemoteGroups, type RemoteGroup } from './aggregation/remote-groups.ts'
import { goThrough } from './admission/admission.ts'
import { createAdmission } from './admission/all-plugins.ts'
import { noPodSecurity, type PodSecurityConfig } from './admission/pod-security/config.ts'
import { createDynamic, nobody } from './admission/dynamic.ts'
import { createMutatingPolicies } from './admission/policies/mutating-policies.ts'
import { createValidatingPolicies } from './admission/policies/validating-policies.ts'
import { createWebhooks } from './admission/webhooks/webhooks.ts'
import type { Audit } from './audit/audit.ts'
import { type AuditOptions, createAuditLog } from './audit/audit-log.ts'
import { timed } from './admission/timed.ts'
import { createLines } from './fairness/one-at-a-time.ts'
import { createEventTexts } from './answers/event-texts.ts'
import { type Authentication, type AuthenticationOptions, createAuthentication } from './authn/authentication.ts'
import { createNodeKeys, type NodeKeys } from './authn/node-keys.ts'
import type { Tokens } from './authn/tokens/tokens.ts'
import type { Authorizer } from './authz/authorizer.ts'
import { masters } from './authz/masters.ts'
import { createNodeAuthorizer } from './authz/node-authorizer.ts'
import { createNodeGraph } from './authz/node-graph.ts'
import { createRbacAuthorizer } from './authz/rbac/rbac-authorizer.ts'
import { createRoleIndex } from './authz/rbac/role-index.ts'
import { createBootstrap } from './bootstrap.ts'
import type { Api } from './call.ts'
import { postTo } from './conversion/post.ts'
import { createConverters, type PostToWebhook } from './conversion/webhook.ts'
import { createDefinitions } from './custom/definitions.ts'
import { createDiscovery } from './discovery/discovery.ts'
import { createKindIndex } from './discovery/kind-index.ts'
import { createOpenApi } from './discovery/openapi.ts'
import { createPaths } from './discovery/paths.ts'
import { versionInfo, versionPath } from './discovery/version.ts'
import { type Budget, createBudget } from './fairness/budget.ts'
import { type Checks, createHealth } from './health.ts'
import { createUsages } from './metrics-api/usages.ts'
import { createMetrics, type Gauge } from './metrics.ts'
import { createMetricsPage } from './metrics-page.ts'
import { createExpiry } from './objects/expiry.ts'
import { keepLocalGroups } from './local-groups/local-groups.ts'
import { type Committed, createRegistry, prefixOf } from './objects/registry.ts'
import { createConversions } from './ownership/converting.ts'
import { createPipeline } from './pipeline.ts'
import { createQuotaDesk } from './quota/desk.ts'
import { createRecount } from './quota/recount.ts'
import type { Identity } from './remote/remote-agent.ts'
import { createRemote } from './remote/remote.ts'
import { createDispatch } from './routes/dispatch.ts'
import { createResolve } from './routes/resolve.ts'
import type { PathRoute } from './routes/route.ts'
import { createRounds } from './news/rounds.ts'
import { createRoutes } from './routes/routes.ts'

export type ApiServerDeps = {
  readonly store: Store
  readonly kinds: ChangingKindSet
  readonly clock: Clock
  readonly log: Log
  /** Service addresses come from here: `10.43.0.0/16`. */
  readonly serviceCidr: string
  readonly openNodeStream: OpenNodeStream
  readonly postToWebhook?: PostToWebhook
  /** Whether webhooks and policies have a say in what is written. */
  readonly hasDynamicAdmission?: boolean
  readonly nodePortRange?: { readonly from: number; readonly to: number }
  /** To which standard pods are held where their namespace says nothing; to none, by default. */
  readonly podSecurity?: PodSecurityConfig
  readonly liveChecks?: Checks
  readonly readyChecks?: Checks
  /** Read whenever `/metrics` is. */
  readonly gauges?: () => readonly Gauge[]
  /** By which the hub speaks for others at their servers, and by whom it is known there. */
  readonly frontProxy?: FrontProxy & { readonly identity: () => Identity }
  /** Who gives tokens and which are believed. */
  readonly authentication?: AuthenticationOptions
  /** Whether this machine has a way of its own to an address; by default its table of routes says so. */
  readonly hasRouteTo?: (address: string) => Promise<boolean>
  readonly audit?: AuditOptions
  readonly maxInFlight?: number
  readonly bookmarkMs?: number
  readonly mayLagMs?: number
  readonly streamLookMs?: number
  /** Events that may wait for one slow watcher. */
  readonly watchQueue?: number
  readonly random?: () => number
  readonly uuid?: () => string
}

export type ApiServer = {
  /** All doors lead here. */
  readonly handle: Handler
  /** What each identity may use; the doors take from it what they hold before a request reaches us. */
  readonly budget: Budget
  /**
   * Serves the custom resources that are stored, and makes what every cluster has: its first namespaces, classes, roles and APIServices. Safe to
   * call at every start.
   */
  readonly bootstrap: () => Promise<void>
  /** The groups and versions that other servers answer for. */
  readonly remoteGroups: () => readonly RemoteGroup[]
  /** Whose certificate is good for which node: every door asks. */
  readonly nodeKeys: NodeKeys
  /** Whose a token is. */
  readonly tokens: Tokens
  /** Where a door says whom it has not let in. */
  readonly audit: Audit
  /** What writes the audit log for good, if it is. */
  readonly auditServices: readonly Service[]
  /** A token without an end, for a Secret that asks for it. */
  readonly legacyToken: Authentication['legacyToken']
  /** Drops objects that live for a limited time (events). */
  readonly expiry: Service
  /** Says of quotas what there is of what they limit. */
  readonly recount: Service
  close(): void
}

/** The whole apiserver behind its doors, put together in the order in which requests go through it. */
export function createApiServer({
  store,
  kinds,
  clock,
  log,
  serviceCidr,
  openNodeStream,
  postToWebhook,
  hasDynamicAdmission = true,
  nodePortRange = { from: 30_000, to: 32_767 },
  podSecurity = noPodSecurity,
  liveChecks,
  readyChecks,
  gauges = () => [],
  frontProxy,
  authentication: options,
  hasRouteTo,
  audit: auditOptions,
  maxInFlight,
  bookmarkMs = 60_000,
  // As long as Kubernetes.
  mayLagMs = 3000,
  streamLookMs = 5000,
  // Events are shared, so what waits costs a pointer each.
  watchQueue = 10_000,
  random = Math.random,
  uuid = randomUUID,
}: ApiServerDeps): ApiServer {
  const desk = createQuotaDesk({ store, clock, prefixOf })
  const registry = createRegistry({ store, onCommitted: tellOf(log), desk })
  const budget = createBudget({ clock, ...(maxInFlight !== undefined && { maxInFlight }) })
  const metrics = createMetrics()
  const { audit, ...auditLog } = createAuditLog({ options: auditOptions, clock, log, metrics })
  const remote = createRemote({
    registry,
    openNodeStream,
    random,
    count: (labels) => metrics.clientRequests.add(labels),
    ...(hasRouteTo !== undefined && { hasRouteTo }),
  })
  const graph = createNodeGraph({ registry })
  const nodeKeys = createNodeKeys({ registry, log })
  const { tokens, issuer, legacyToken, paths: openIdPaths } = createAuthentication({ registry, clock, log, uuid, options })
  const roleIndex = createRoleIndex({ registry, log })
  const kindIndex = createKindIndex(kinds)
  const authorizers: readonly Authorizer[] = [masters, createNodeAuthorizer({ graph }), createRbacAuthorizer(roleIndex)]
  const post = postToWebhook ?? postTo(remote)
  const definitions = createDefinitions({
    registry,
    kinds,
    clock,
    log,
    converterOf: createConverters({ post, uuid }),
  })
  const plugins = createAdmission({
    registry,
    desk,
    budget,
    authorizers,
    roleIndex,
    kindIndex,
    definitions,
    serviceCidr,
    nodePortRange,
    podSecurity,
    random,
  })
  const admission = plugins.map((plugin) => timed(plugin, { metrics, clock }))
  const conversions = createConversions()
  const scene = { registry, kinds: kindIndex, conversions, authorizers }
  const dynamic = hasDynamicAdmission
    ? createDynamic({
        ...scene,
        asking: [
          createMutatingPolicies({ ...scene, kindSet: kinds, log, metrics, clock }),
          createValidatingPolicies({ ...scene, kindSet: kinds, log }),
          createWebhooks({ ...scene, kindSet: kinds, post, uuid, log }),
        ],
        admitAgain: (one) => goThrough('admit', admission, one),
        clock,
      })
    : nobody

  const api: Api = {
    registry,
    texts: createEventTexts(registry),
    authorizers,
    tokens,
    issuer,
    kinds: kindIndex,
    conversions,
    admission,
    dynamic,
    audit,
    clock,
    log,
    metrics,
    budget,
    lines: createLines(),
    random,
    uuid,
    openNodeStream,
    remote,
    usages: createUsages({ openNodeStream, clock }),
    mayLagMs,
    streamLookMs,
    bookmarkRounds: createRounds(bookmarkMs, log),
    watchQueue,
  }
  const routes = createRoutes({ kinds })
  const remoteGroups = createRemoteGroups({ ...{ registry, kinds, remote, clock, log }, identity: () => frontProxy?.identity() })
  const paths: readonly PathRoute[] = [
    createHealth({ live: liveChecks, ready: readyChecks, log }),
    versionPath,
    createMetricsPage({ metrics, registry, kinds, gauges }),
    createOpenApi({ routes, remote: remoteGroups, version: versionInfo.gitVersion }),
    createDiscovery(routes, remoteGroups),
    ...openIdPaths,
    ...auditLog.paths,
    createPaths(routes, remoteGroups),
  ]
  const handle = createPipeline({ api, resolve: createResolve({ routes, remoteGroups, paths }), dispatch: createDispatch(api) })
  const localGroups = keepLocalGroups({ handle, registry, kinds, routes, log })

  return {
    handle,
    budget,
    remoteGroups: () => remoteGroups.all().filter(({ group, version }) => remoteGroups.find(group, version) !== undefined),
    bootstrap: createBootstrap({ registry, kinds, log, handle, definitions, localGroups, frontProxy, remoteGroups, dynamic }),
    nodeKeys,
    tokens,
    audit,
    auditServices: auditLog.services,
    legacyToken,
    expiry: createExpiry({ registry, kinds, clock }),
    recount: createRecount({ registry, desk, kinds, clock, log }),
    close() {
      definitions.close()
      localGroups.stop()
      dynamic.close()
      nodeKeys.close()
      roleIndex.close()
      remoteGroups.stop()
      remote.close()
    },
  }
}

/** Who changed what, for who follows one object through the log. */
const tellOf =
  (log: Log) =>
  ({ origin: { user, impersonatedBy, manager, operation, subresource }, entry: { key, revision } }: Committed): void =>
    log.debug({ key, revision, user: user.name, by: impersonatedBy?.name, manager, operation, subresource }, 'object changed')
