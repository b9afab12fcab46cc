import { deployment, pod } from '../manifests.ts'
import type { Group } from '../step.ts'

/** What happened, and what a later version, or an agent that is older, does not do: refused by name, or taken with a warning. */
export const events: Group = {
  name: 'events',
  steps: [
    { run: 'create -f -', input: pod('p'), out: 'pod/p created\n' },
    { run: 'wait --for=condition=Ready pod/p', out: 'pod/p condition met\n' },
    {
      run: 'get events',
      out: /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n[^]*Normal +Scheduled +pod\/p +Successfully assigned events\/p to pi-1\n/,
      soon: true,
    },
    {
      run: 'get events --field-selector involvedObject.name=p,reason=Scheduled --no-headers',
      out: /^\S+ +Normal +Scheduled +pod\/p +[^\n]*\n$/,
    },
    { run: 'get events --field-selector type=Warning', out: '', err: 'No resources found in events namespace.\n' },
    { run: 'get events.events.k8s.io --no-headers', out: /Scheduled +pod\/p +Successfully assigned/ },
    { run: 'get events --sort-by=.metadata.creationTimestamp -o name', out: /^event\/p\.\S+\n/ },
    { run: 'events', out: /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n[^]*Scheduled +Pod\/p / },
    { run: 'events --for pod/p --types=Normal', out: /Scheduled +Pod\/p / },
    { run: 'events --for pod/none', out: '', err: 'No events found in events namespace.\n' },
    { run: 'create -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web created\n' },
    {
      run: 'events --for deployment/web',
      out: /Normal +ScalingReplicaSet +Deployment\/web +Scaled up replica set web-\S+ from 0 to 1\n/,
      soon: true,
    },
    { run: 'exec p -- ls', code: 1, err: /the agent of this node serves streams of .*no exec: update it/ },
    { run: 'attach p', code: 1, err: /the agent of this node serves streams of .*no attach: update it/ },
    { run: 'port-forward pod/p :80', code: 1, err: /the agent of this node serves streams of .*no forward: update it/ },
    {
      run: 'debug p --image=a:1',
      out: /^Defaulting debug container name to debugger-\w+\.\n$/,
      err: /^$|^--profile=legacy is deprecated/,
    },
    { run: 'logs none', code: 1, err: /^(error: )?[Ee]rror from server \(NotFound\): pods "none" not found/ },
  ],
}
