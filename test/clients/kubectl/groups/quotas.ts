import { deployment } from '../manifests.ts'
import type { Group } from '../step.ts'

const used = (pods: number) =>
  new RegExp(`^Name: +q\\nNamespace: +quotas\\nResource +Used +Hard\\n-+ +-+ +-+\\ncount/secrets +0 +5\\npods +${pods} +2\\n`)

/** What a namespace may have, and what its containers are given. */
export const quotas: Group = {
  name: 'quotas',
  steps: [
    { run: 'create quota q --hard=pods=2,count/secrets=5', out: 'resourcequota/q created\n' },
    { run: 'describe quota q', soon: true, out: used(0) },
    { run: 'run a --image=a:1', out: 'pod/a created\n' },
    { run: 'describe quota q', out: used(1) },
    { run: 'run b --image=a:1 --dry-run=server', out: 'pod/b created (server dry run)\n' },
    { run: 'run b --image=a:1', out: 'pod/b created\n' },
    {
      run: 'run c --image=a:1',
      code: 1,
      err: 'Error from server (Forbidden): pods "c" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2\n',
    },
    { run: 'get quota', out: /^NAME +(AGE +)?REQUEST +LIMIT( +AGE)?\nq +[^\n]*count\/secrets: 0\/5, pods: 2\/2/ },
    { run: 'describe namespace quotas', out: /Resource Quotas\n +Name: +q\n[^]*pods +2 +2\n/ },
    {
      run: 'delete pod a b --grace-period=0 --force',
      out: /pod "a" force deleted/,
      err: /^$|^[Ww]arning: Immediate deletion does not wait/,
    },
    { run: 'describe quota q', soon: true, out: used(0) },
    { run: 'create -f -', input: deployment(3, 'a:1'), out: 'deployment.apps/web created\n' },
    { run: 'describe quota q', soon: true, out: used(2) },
    { run: 'get deployment web -o jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].reason}', soon: true, out: 'FailedCreate' },
  ],
}
