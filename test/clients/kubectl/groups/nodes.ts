import { deployment, pod } from '../manifests.ts'
import type { Group } from '../step.ts'

/** Taking a node out of service and back: taint, cordon, drain. */
export const nodes: Group = {
  name: 'nodes',
  steps: [
    { run: 'get nodes', out: /^NAME +STATUS +ROLES +AGE +VERSION\npi-1 +Ready +<none> +\d+m?\d*s +v1\.35\.0\n$/, soon: true },
    { run: 'get node pi-1 -o wide --no-headers', out: /^pi-1 +Ready +<none> +\S+ +v1\.35\.0 +172\.\S+ +<none> / },
    { run: 'describe node pi-1', out: /^Conditions:\n[^]*^ {2}Ready +True [^]*^Allocated resources:\n/m },
    { run: 'label node pi-1 node-role.kubernetes.io/edge=', out: 'node/pi-1 labeled\n' },
    { run: 'get node pi-1 --no-headers', out: /^pi-1 +Ready +edge / },
    { run: 'taint node pi-1 k=v:PreferNoSchedule', out: 'node/pi-1 tainted\n' },
    {
      run: 'taint node pi-1 k=w:PreferNoSchedule',
      code: 1,
      err: 'error: node pi-1 already has k taint(s) with same effect(s) and --overwrite is false\n',
    },
    { run: 'taint node pi-1 k=w:PreferNoSchedule --overwrite', out: 'node/pi-1 modified\n' },
    { run: 'taint node pi-1 k:PreferNoSchedule-', out: 'node/pi-1 untainted\n' },
    { run: 'taint node pi-1 k=v:Nonsense', code: 1, err: /^error: invalid taint effect: Nonsense, unsupported taint effect\n/ },
    { run: 'create -f -', input: deployment(1, 'a:1', 'moved'), out: 'deployment.apps/moved created\n' },
    { run: 'create -f -', input: pod('alone'), out: 'pod/alone created\n' },
    { run: 'rollout status deployment/moved', out: /successfully rolled out\n$/ },
    { run: 'wait --for=condition=Ready pod/alone', out: 'pod/alone condition met\n' },
    { run: 'cordon pi-1', out: 'node/pi-1 cordoned\n' },
    { run: 'cordon pi-1', out: 'node/pi-1 already cordoned\n' },
    { run: 'get node pi-1 --no-headers', out: /^pi-1 +Ready,SchedulingDisabled +edge / },
    {
      run: "drain pi-1 --pod-selector='app in (moved,alone)'",
      code: 1,
      err: /cannot delete Pods (that )?declare no controller \(use --force to override\)|cannot delete Pods not managed by/,
    },
    {
      run: "drain pi-1 --pod-selector='app in (moved,alone)' --force --dry-run=server",
      out: /node\/pi-1 drained \(server dry run\)\n$/,
    },
    {
      run: "drain pi-1 --pod-selector='app in (moved,alone)' --force --ignore-daemonsets --delete-emptydir-data",
      out: /already cordoned\nevicting pod nodes\/[^]*evicted\n[^]*node\/pi-1 drained\n$/,
    },
    { run: 'get pods -l app=alone -o name', out: '' },
    { run: 'get pods -l app=moved --no-headers', out: /^moved-\S+ +0\/1 +Pending +0 +\d+s\n$/, soon: true },
    { run: 'uncordon pi-1', out: 'node/pi-1 uncordoned\n' },
    { run: 'rollout status deployment/moved', out: /successfully rolled out\n$/ },
    { run: 'label node pi-1 node-role.kubernetes.io/edge-', out: 'node/pi-1 unlabeled\n' },
    { run: 'cordon none', code: 1, err: 'Error from server (NotFound): nodes "none" not found\n' },
  ],
}
