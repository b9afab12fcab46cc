import { deployment, service } from '../manifests.ts'
import type { Group } from '../step.ts'

/** A part of an object, in the three types and through a subresource. */
export const patch: Group = {
  name: 'patch',
  steps: [
    { run: 'create -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web created\n' },
    {
      run: `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","value":"1"}]}]}}}}'`,
      out: 'deployment.apps/web patched\n',
    },
    { run: 'get deployment web -o jsonpath={..containers[0].image}{..containers[0].env[0].value}', out: 'a:11' },
    {
      run: `patch deployment/web --type=strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"$patch":"delete","name":"A"}]}]}}}}'`,
      out: 'deployment.apps/web patched\n',
    },
    { run: `patch deployment web --type=merge -p '{"spec":{"replicas":2}}'`, out: 'deployment.apps/web patched\n' },
    { run: `patch deployment web --type=merge -p '{"spec":{"replicas":2}}'`, out: 'deployment.apps/web patched (no change)\n', soon: true },
    {
      run: `patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":3}]'`,
      out: 'deployment.apps/web patched\n',
    },
    {
      run: `patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":9}]'`,
      code: 1,
      err: /^The request is invalid: /,
    },
    {
      run: `patch deployment web --type=json -p '[{"op":"remove","path":"/spec/nosuch"}]'`,
      code: 1,
      err: /^The request is invalid: /,
    },
    {
      run: `patch deployment web -p '{"spec":{"selector":{"matchLabels":{"app":"x"}}}}'`,
      code: 1,
      err: /^The Deployment "web" is invalid: [^]*spec\.selector: Invalid value: .*field is immutable\n$/m,
    },
    { run: `patch deployment web -p '{"spec":{"replicas":"many"}}'`, code: 1, err: /replicas/ },
    { run: `patch deployment none -p '{}'`, code: 1, err: 'Error from server (NotFound): deployments.apps "none" not found\n' },
    {
      run: `patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'`,
      out: { '1.26': 'scale.autoscaling/web patched\n' },
    },
    {
      run: `patch -f - -p '{"spec":{"minReadySeconds":1}}' --dry-run=server`,
      input: deployment(1, 'a:1'),
      out: /^deployment\.apps\/web patched( \(server dry run\))?\n$/,
    },
    {
      run: `patch -f - -p '{"metadata":{"labels":{"x":"y"}}}' --local -o jsonpath={.metadata.labels.x}`,
      input: deployment(1, 'a:1'),
      out: 'y',
    },
    { run: 'create -f -', input: service, out: 'service/web created\n' },
    {
      run: `patch service web --subresource=status --type=merge -p '{"status":{"loadBalancer":{"ingress":[{"ip":"10.9.9.9"}]}}}'`,
      code: 1,
      err: /^The Service "web" is invalid: status\.loadBalancer\.ingress: Forbidden: may only be used when `spec\.type` is 'LoadBalancer'\n$/,
    },
    {
      run: `patch service web -p '{"spec":{"ports":[{"port":81,"name":"x"}]}}'`,
      code: 1,
      err: /^The Service "web" is invalid: spec\.ports\[\d\]\.name: Required value\n$/,
    },
  ],
}
