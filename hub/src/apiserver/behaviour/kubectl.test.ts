import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubectl, startKubectl } from '../testing/kubectl.ts'

const manifest = (replicas: number, image: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main, image: "${image}", ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`

describe('real kubectl', () => {
  let running: Kubectl
  beforeAll(async () => {
    running = await startKubectl()
  }, 60_000)
  afterAll(() => running[Symbol.asyncDispose]())
  const kubectl: Kubectl['kubectl'] = (args, stdin) => running.kubectl(args, stdin)

  it('finds what is served, and makes, changes, shows, waits for and deletes it', async () => {
    expect((await kubectl(['api-resources', '-o', 'name'])).out).toContain('deployments.apps')
    expect(await kubectl(['create', 'configmap', 'a', '--from-literal=k=v'])).toMatchObject({ out: 'configmap/a created\n' })
    expect((await kubectl(['get', 'configmap', 'a', '-o', 'jsonpath={.data.k}'])).out).toBe('v')
    expect((await kubectl(['get', 'configmaps'])).out).toMatch(/^NAME +DATA +AGE\na +1 +\d+s\n$/)
    expect(await kubectl(['apply', '-f', '-'], manifest(1, 'a:1'))).toMatchObject({
      out: 'deployment.apps/web created\nservice/web created\n',
    })
    expect((await kubectl(['apply', '-f', '-'], manifest(3, 'a:2'))).out).toBe('deployment.apps/web configured\nservice/web unchanged\n')
    expect((await kubectl(['scale', 'deployment/web', '--replicas=5'])).out).toBe('deployment.apps/web scaled\n')
    const numbers = 'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image} {.metadata.generation}'
    expect((await kubectl(['get', 'deployment', 'web', '-o', numbers])).out).toBe('5 a:2 3')
    expect((await kubectl(['describe', 'deployment', 'web'])).out).toContain('5 desired')
    expect((await kubectl(['wait', '--for=jsonpath={.spec.replicas}=5', 'deployment/web', '--timeout=5s'])).code).toBe(0)
    expect((await kubectl(['explain', 'deployment.spec.replicas'])).out).toContain('FIELD: replicas <integer>')
    expect((await kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).out).toBe('bramble:admin')
    expect((await kubectl(['delete', 'deployment/web', 'service/web', 'configmap/a'])).code).toBe(0)
    expect((await kubectl(['get', 'all'])).err).toBe('No resources found in default namespace.\n')
  }, 60_000)

  it('tells what is wrong in the words that its users know', async () => {
    const pod = (spec: string) => `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": ${spec}}`
    const create = async (text: string) => (await kubectl(['create', '-f', '-'], text)).err
    expect((await kubectl(['get', 'pod', 'none'])).err).toBe('Error from server (NotFound): pods "none" not found\n')
    expect(await create(pod('{"containers": [], "containrs": []}'))).toContain('strict decoding error: unknown field "spec.containrs"')
    expect(await create(pod('{"containers": "x"}'))).toContain(
      'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
    )
    expect(await create(pod('{"containers": []}'))).toContain('The Pod "p" is invalid: spec.containers: Required value')
    expect((await kubectl(['get', 'pods', '--as', 'someone'])).err).toContain(
      'pods is forbidden: User "someone" cannot list resource "pods" in API group "" in the namespace "default"',
    )
  }, 60_000)

  it('applies in the server, tells conflicts, and moves what it applied in the client there', async () => {
    const serverSide = (...more: string[]) => ['apply', '--server-side', '-f', '-', ...more]
    const managers = ['get', 'deployment', 'web', '--show-managed-fields', '-o', 'jsonpath={.metadata.managedFields[*].manager}']
    expect(await kubectl(serverSide(), manifest(1, 'a:1'))).toMatchObject({
      out: 'deployment.apps/web serverside-applied\nservice/web serverside-applied\n',
    })
    expect((await kubectl(managers)).out).toBe('kubectl')
    const owned = ['get', 'service', 'web', '--show-managed-fields', '-o', 'jsonpath={.metadata.managedFields[0].fieldsV1}']
    expect((await kubectl(owned)).out).toBe(
      '{"f:spec":{"f:ports":{"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:port":{}}},"f:selector":{}}}',
    )
    expect((await kubectl(['diff', '--server-side', '-f', '-'], manifest(1, 'a:1'))).code).toBe(0)
    const difference = await kubectl(['diff', '--server-side', '-f', '-'], manifest(1, 'a:2'))
    expect(difference).toMatchObject({ code: 1, out: expect.stringContaining('+      - image: a:2') as string })
    expect((await kubectl(['scale', 'deployment/web', '--replicas=5'])).code).toBe(0)
    expect((await kubectl(serverSide(), manifest(1, 'a:1'))).err).toContain(
      'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas\n',
    )
    expect((await kubectl(serverSide('--force-conflicts'), manifest(1, 'a:2'))).code).toBe(0)
    expect((await kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}'])).out).toBe('1')
    await kubectl(['delete', 'deployment/web', 'service/web'])

    await kubectl(['apply', '-f', '-'], manifest(1, 'a:1'))
    expect((await kubectl(managers)).out).toBe('kubectl-client-side-apply')
    expect(await kubectl(serverSide(), manifest(2, 'a:2'))).toMatchObject({ code: 0, err: '' })
    expect((await kubectl(managers)).out).toBe('kubectl kubectl-last-applied')
    const note = ['get', 'deployment', 'web', '-o', 'jsonpath={.metadata.annotations}']
    expect((await kubectl(note)).out).toContain('a:2')
    // And back: what is left out goes.
    const unnamed = manifest(2, 'a:2').replace('  replicas: 2\n', '')
    expect((await kubectl(['apply', '-f', '-'], unnamed)).code).toBe(0)
    expect((await kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}'])).out).toBe('1')
    expect((await kubectl(['delete', 'deployment/web', 'service/web'])).code).toBe(0)
  }, 60_000)
})
