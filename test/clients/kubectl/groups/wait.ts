import { deployment } from '../manifests.ts'
import type { Group } from '../step.ts'

/** Until something is so. */
export const wait: Group = {
  name: 'wait',
  steps: [
    { run: 'create -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web created\n' },
    { run: 'wait --for=condition=Available deployment/web', out: 'deployment.apps/web condition met\n' },
    { run: 'wait --for=condition=Available=True -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web condition met\n' },
    { run: 'wait --for=condition=Ready pods -l app=web', out: /^pod\/web-\S+ condition met\n$/ },
    { run: 'wait --for=condition=Ready pods --all', out: /^pod\/web-\S+ condition met\n$/ },
    { run: "wait --for=jsonpath='{.status.readyReplicas}'=1 deployment web", out: 'deployment.apps/web condition met\n' },
    {
      run: "wait --for=jsonpath='{.spec.template.spec.containers[0].image}'=a:1 deployment web",
      out: 'deployment.apps/web condition met\n',
    },
    { run: "wait --for=jsonpath='{.metadata.uid}' deployment web", since: '1.31', out: 'deployment.apps/web condition met\n' },
    { run: 'wait --for=create deployment/web', since: '1.31', out: 'deployment.apps/web condition met\n' },
    {
      run: 'wait --for=condition=Nosuch deployment/web --timeout=0',
      code: 1,
      err: /^error: (condition not met for|timed out waiting for the condition on) deployments\/web\n$/,
    },
    {
      run: 'wait --for=condition=Available deployment/none',
      code: 1,
      err: 'Error from server (NotFound): deployments.apps "none" not found\n',
    },
    { run: 'wait --for=condition=Ready pods -l app=none', code: 1, err: 'error: no matching resources found\n' },
    { run: 'wait --for=delete deployment/none', out: '' },
    { run: 'delete deployment web --wait=false', out: /deleted/ },
    { run: 'wait --for=delete deployment/web', out: /^$|condition met\n$/ },
  ],
}
