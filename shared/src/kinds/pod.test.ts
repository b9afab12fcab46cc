import { describe, expect, it } from 'vitest'
import { pods } from './pod.ts'
import { created, someContainer, somePod } from './rules/testing.ts'

const withContainer = (part: object) => somePod({ containers: [{ ...someContainer, ...part }] })

describe('a pod without much said', () => {
  it('gets the defaults of Kubernetes', () => {
    const { spec, status, metadata } = created(
      pods,
      withContainer({ livenessProbe: { httpGet: { port: 80 } }, ports: [{ containerPort: 80 }] }),
    )
    expect(spec).toEqual({
      containers: [
        {
          ...someContainer,
          imagePullPolicy: 'IfNotPresent',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          livenessProbe: {
            httpGet: { path: '/', port: 80, scheme: 'HTTP' },
            failureThreshold: 3,
            periodSeconds: 10,
            successThreshold: 1,
            timeoutSeconds: 1,
          },
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    })
    expect(status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
    expect(metadata.generation).toBe(1)
  })

  it.each([
    ['busybox', 'Always'],
    ['busybox:latest', 'Always'],
    ['busybox:1', 'IfNotPresent'],
    ['host:5000/busybox', 'Always'],
    ['host:5000/busybox:1', 'IfNotPresent'],
    ['busybox@sha256:0123', 'IfNotPresent'],
  ])('pulls %s %s', (image, policy) => {
    expect(created(pods, withContainer({ image })).spec.containers[0]?.imagePullPolicy).toBe(policy)
  })

  it.each([
    [{ limits: { cpu: '1', memory: '64Mi' } }, { cpu: '1', memory: '64Mi' }, 'Guaranteed'],
    [{ limits: { cpu: 1 }, requests: { cpu: '500m' } }, { cpu: '500m' }, 'Burstable'],
    [{ requests: { memory: '1Gi' } }, { memory: '1Gi' }, 'Burstable'],
    [{}, undefined, 'BestEffort'],
  ])('with %j asks for %j and is %s', (resources, requests, qosClass) => {
    const { spec, status } = created(pods, withContainer({ resources }))
    expect(spec.containers[0]?.resources.requests).toEqual(requests)
    expect(status?.qosClass).toBe(qosClass)
  })

  it('has an empty directory for a volume without a source, and host ports in the network of the node', () => {
    const { spec } = created(
      pods,
      somePod({ volumes: [{ name: 'v' }], hostNetwork: true, containers: [{ ...someContainer, ports: [{ containerPort: 80 }] }] }),
    )
    expect(spec.volumes).toEqual([{ name: 'v', emptyDir: {} }])
    expect(spec.containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'TCP' }])
  })

  it('writes its service account under the old and the new name', () => {
    expect(created(pods, somePod({ serviceAccount: 'a' })).spec.serviceAccountName).toBe('a')
  })
})

describe('the grace of a pod', () => {
  it.each([
    [{ nodeName: 'pi-1' }, { phase: 'Running' }, undefined, 30],
    [{ nodeName: 'pi-1', terminationGracePeriodSeconds: 5 }, {}, undefined, 5],
    [{ nodeName: 'pi-1', terminationGracePeriodSeconds: 5 }, {}, 7, 7],
    [{ nodeName: 'pi-1' }, {}, 0, 0],
    [{}, {}, 7, 0],
    [{ nodeName: 'pi-1' }, { phase: 'Succeeded' }, 7, 0],
  ])('of %j with %j and %j asked for is %i seconds', (spec, status, asked, seconds) => {
    expect(pods.graceSeconds?.(pods.schema.parse({ apiVersion: 'v1', kind: 'Pod', ...somePod(spec), status }), asked)).toBe(seconds)
  })
})
