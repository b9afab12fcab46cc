import { mkdirSync, readFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { join } from 'node:path'
import { parse as parseYaml } from 'yaml'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { systemClock as clock } from '@bramble/shared/clock.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { addressAt, expectCidr, isIpv4 } from '@bramble/shared/meta/ip.ts'
import { runOnTopOf, type Service } from '@bramble/shared/process/service.ts'
import { signsOfLife } from '@bramble/shared/process/watchdog.ts'
import { createApiServer } from './apiserver/api-server.ts'
import { podSecurityOf } from './apiserver/admission/pod-security/config.ts'
import { auditOptions } from './apiserver/audit/options.ts'
import { oidcOptions } from './apiserver/authn/oidc/options.ts'
import { controllerPart, type HubPart, hubParts } from './apiserver/authz/hub-parts.ts'
import { isSealed, storing } from './apiserver/objects/stored/storing.ts'
import { createHttpServer } from './apiserver/http/server.ts'
import { createBroker } from './broker/broker.ts'
import { brokerInWorker } from './broker/broker-thread.ts'
import { createGateway, type Gateway } from './broker/gateway.ts'
import { createInformerSet } from './client/informer-set.ts'
import { createLoopbackClient } from './client/loopback.ts'
import type { HubConfig } from './config.ts'
import { type ControllerManager, createControllerManager } from './controllers/controller-manager.ts'
import { gaugesOf } from './gauges.ts'
import { createCollectionAtRest } from './memory/at-rest.ts'
import type { YoungGeneration } from './memory/young-generation.ts'
import { openCa } from './identity/authority/ca.ts'
import { requestAuthority } from './identity/authority/request-authority.ts'
import { createBelievedClock } from './identity/believed-clock.ts'
import { openServiceAccountKeys } from './identity/own/service-account-keys.ts'
import { createCertificateRenewal } from './identity/own/certificate-renewal.ts'
import { createEnrollment } from './identity/joining/enroll.ts'
import { frontProxyName, openFrontProxy } from './identity/own/front-proxy.ts'
import { openAdminKubeconfig } from './identity/own/kubeconfig.ts'
import { openSecretKeys } from './identity/secret-keys.ts'
import { openServing, ownHostsOf, servedHosts } from './identity/own/serving.ts'
import { createSignerThread } from './identity/authority/signer.ts'
import { createNodeTrust } from './identity/joining/node-trust.ts'
import { createTokenCleaner } from './identity/joining/token-cleaner.ts'
import { createTokens } from './identity/joining/tokens.ts'
import { createScheduler } from './scheduler/scheduler.ts'
import { createCompactor } from './store/compactor.ts'
import { checkRoom } from './store/disk/disk-room.ts'
import { createStore } from './store/mvcc.ts'
import { createResealing } from './store/resealing.ts'
import { groupCommit } from './store/disk/group-commit.ts'
import { quotaFor } from './store/quota.ts'
import { sealedDisk } from './store/disk/sealed-disk.ts'
import { sqliteDisk } from './store/sqlite/sqlite-disk.ts'

/** A whole hub, built in the order in which data flows through it. Returns when the signal has aborted and all is closed. */
export async function runHub(
  config: HubConfig,
  { log, youngGeneration }: { readonly log: Log; readonly youngGeneration: YoungGeneration },
  signal: AbortSignal,
): Promise<void> {
  const audit = auditOptions(config, { clock, read: (path) => readFileSync(path, 'utf8'), parse: parseYaml, stdout: process.stdout })
  const pki = join(config.dir, 'pki')
  mkdirSync(pki, { recursive: true, mode: 0o700 })

  // Where objects live. Opened first: a home that another hub uses is refused before anything in it is touched.
  const kinds = createKindSet(builtIn)
  // Its thread is there from now until the end, and watches over this one.
  const sqlite = sqliteDisk({ path: join(config.dir, 'store.db'), worker: beside('store-worker.mjs'), watched: signsOfLife() })
  const secretKeys = openSecretKeys(join(pki, 'secrets.key'), { log })
  const disk = sealedDisk({
    disk: sqlite,
    isSealed: isSealed(kinds),
    keys: secretKeys.keys,
    onDamaged: (key, error) =>
      log.error({ key, error: error.message }, 'a sealed object is damaged and left out: delete it and make it anew'),
  })
  const store = await createStore({
    log: groupCommit({ disk, clock }),
    ...storing(kinds),
    quotaBytes: config.storeQuotaMib === 0 ? quotaFor(getHeapStatistics().heap_size_limit) : config.storeQuotaMib * 1024 * 1024,
    onQuota: (isFull) =>
      isFull
        ? log.error({}, 'the store is full: new objects are refused until some are deleted')
        : log.info({}, 'the store has room again'),
  })

  try {
    // Who we are.
    const signer = createSignerThread({ worker: beside('signer-worker.mjs') })
    const ca = await openCa({ dir: pki, signer, clock })
    const { kept: frontProxy, caPem: frontProxyCa } = await openFrontProxy({ dir: pki, signer, clock })
    const hosts = () => [...ownHostsOf(hostname(), networkInterfaces()), ...config.address]
    const serviceAddress = addressAt(expectCidr(config.serviceCidr), 1)
    const serving = await openServing({ dir: pki, ca, clock, hosts, serviceAddress })
    const admin = await openAdminKubeconfig({
      dir: pki,
      path: config.kubeconfig,
      ca,
      clock,
      server: `https://127.0.0.1:${config.httpsPort}`,
    })

    const believed = createBelievedClock({ path: join(pki, 'clock'), clock })

    // The API, and the three doors to it. The gateway comes after it and is what carries a log from a node.
    const open: { gateway?: Gateway; controllers?: ControllerManager } = {}
    const api = createApiServer({
      store,
      kinds,
      clock,
      log,
      serviceCidr: config.serviceCidr,
      podSecurity: podSecurityOf(config),
      audit,
      hasDynamicAdmission: config.dynamicAdmission === 'on',
      frontProxy: {
        ...{ clientCa: ca.caPem, ca: frontProxyCa, commonName: frontProxyName },
        identity: () => ({ cert: frontProxy.current().certPem, key: frontProxy.current().keyPem }),
      },
      authentication: {
        keys: openServiceAccountKeys(join(pki, 'service-accounts.key')),
        issuers: config.serviceAccountIssuer,
        ...(config.apiAudience.length > 0 && { audiences: config.apiAudience }),
        address: () => `${hubAddresses(config)[0] ?? 'localhost'}:${config.httpsPort}`,
        clock: believed,
        oidc: oidcOptions(config, (path) => readFileSync(path, 'utf8')),
      },
      readyChecks: {
        storage: () => checkRoom(config.dir),
        shutdown() {
          if (signal.aborted) throw new Error('the hub is stopping')
        },
      },
      gauges: () => gaugesOf(store.stats, { ...open, sealed: disk }),
      openNodeStream: (...request) => {
        if (open.gateway === undefined) throw new ApiError('ServiceUnavailable', 'the hub is still starting: try again in a second')
        return open.gateway.openNodeStream(...request)
      },
    })
    const clientOf = (part: HubPart) => createLoopbackClient({ handle: api.handle, ...part })
    if (config.dynamicAdmission === 'off')
      log.warn({}, 'webhooks and policies have no say: the hub was started with --dynamic-admission off')
    await api.bootstrap()

    const tls = () => ({ cert: serving.current().certPem, key: serving.current().keyPem, ca: ca.caPem })
    const isOver = (notAfter: number) => believed.now() >= notAfter
    const https = createHttpServer({
      handle: api.handle,
      nodeKeys: api.nodeKeys,
      tokens: api.tokens,
      audit: api.audit,
      isOver,
      tls: tls(),
      address: config.httpsAddress,
      port: config.httpsPort,
      log,
      budget: api.budget,
    })

    const brokerTls = () => ({ certificate: tls().cert, key: tls().key, ca: tls().ca })
    const broker = createBroker({
      host: config.mqttAddress,
      port: config.mqttPort,
      tls: brokerTls(),
      start: brokerInWorker(beside('broker-worker.mjs')),
      log,
    })
    const gatewayClient = clientOf(hubParts.gateway)
    const tokens = createTokens({ client: gatewayClient, clock, caHash: ca.caHash })
    const enrollment = createEnrollment({
      ...{ ca, tokens, client: gatewayClient, clock },
      isConnected: (node) => open.gateway?.connectedNodes().includes(node) ?? false,
    })
    const trust = { ...api.nodeKeys, admit: createNodeTrust({ keys: api.nodeKeys, client: gatewayClient }), isOver }
    const bodies = { take: api.budget.takeBody, giveBack: api.budget.giveBackBody }
    const gateway = createGateway({
      ...{ broker, handler: api.handle, client: gatewayClient, trust, bodies, fleet: config.fleet, clock, log },
      historyFor: (known) => store.historyFor(known),
      ...enrollment,
    })
    open.gateway = gateway

    serving.onRenewed(() => {
      https.setTls(tls())
      broker.useCertificate(brokerTls())
    })

    // Those who act on what is written there: plain clients, all of them.
    const informers = createInformerSet({ client: clientOf(hubParts.informers), clock, log })
    const controllers = createControllerManager({
      client: clientOf(hubParts.controllers),
      clientOf: (account) => clientOf(controllerPart(account)),
      informers,
      clock,
      log: log.with({ component: 'controllers' }),
      kinds,
      remoteGroups: api.remoteGroups,
      config: {
        clusterCidr: config.clusterCidr,
        serviceCidr: config.serviceCidr,
        hubAddresses: () => hubAddresses(config),
        hubPort: config.httpsPort,
        rootCa: ca.caPem,
      },
      tokenFor: api.legacyToken,
      authority: requestAuthority(ca, () => servedHosts({ serviceAddress, hosts })),
    })
    open.controllers = controllers
    const services: readonly Service[] = [
      https,
      gateway.service,
      informers,
      createScheduler({ client: clientOf(hubParts.scheduler), informers, clock, log: log.with({ component: 'scheduler' }) }),
      controllers,
      api.expiry,
      api.recount,
      createCompactor({ store, clock, log }),
      secretKeys.service,
      createResealing({ store, sealed: disk, onChanged: secretKeys.onChanged, log }),
      createCertificateRenewal({ kept: [serving, admin, frontProxy], clock: believed, log }),
      createTokenCleaner({ tokens, log }),
      youngGeneration.growingWith(() => gateway.connectedNodes().length),
      createCollectionAtRest(),
    ]
    log.info({ kinds: builtIn.map((kind) => `${kind.resource}.${apiVersionOf(kind)}`).length, revision: store.mark().disk }, 'hub starting')
    // What is in hand at a door when we stop still needs the store, and a node hears that we go.
    await runOnTopOf([sqlite.service, broker.service, ...api.auditServices], services, signal)
    api.close()
  } finally {
    await store.close()
  }
  log.info({}, 'hub stopped')
}

/** A bundle that lies beside this one. */
const beside = (file: string) => new URL(`./${file}`, import.meta.url)

/** Where pods reach us behind the Service `kubernetes`: what we were told, or else this machine's own addresses. */
function hubAddresses({ address }: HubConfig): readonly string[] {
  const told = address.filter(isIpv4)
  if (told.length > 0) return told
  return ownHostsOf(hostname(), networkInterfaces()).filter(isIpv4).slice(0, 1)
}
