import { deployment } from '../manifests.ts'
import type { Group } from '../step.ts'

/** How many: scale, autoscale. */
export const scale: Group = {
  name: 'scale',
  steps: [
    { run: 'create -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web created\n' },
    { run: 'scale deployment web --replicas=2', out: 'deployment.apps/web scaled\n' },
    { run: 'get deployment web', out: /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 +\d+s\n$/, soon: true },
    { run: 'get deployment web --subresource=scale', out: /^NAME +DESIRED +AVAILABLE +AGE\nweb +2 +2 +\d+s\n$/ },
    { run: 'get deployment web --subresource=status -o jsonpath={.status.readyReplicas}', out: '2' },
    { run: 'scale deployment web --replicas=3 --current-replicas=1', code: 1, err: 'error: Expected replicas to be 1, was 2\n' },
    { run: 'scale deployment web --replicas=3 --current-replicas=2', out: 'deployment.apps/web scaled\n' },
    {
      run: 'scale deployment web --replicas=3 --resource-version=1',
      code: 1,
      err: /^error: Expected resource version to be 1, was \d+\n$/,
    },
    {
      run: 'scale --replicas=-1 deployment web',
      code: 1,
      err: /^error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0/,
    },
    { run: 'scale deployment none --replicas=1', code: 1, err: /deployments\.apps "none" not found|no objects passed to scale/ },
    { run: 'scale configmap x --replicas=1', code: 1, err: /^[Ee]rror/ },
    { run: 'scale deployment/web --replicas=1 --timeout=1m', out: 'deployment.apps/web scaled\n' },
    { run: 'get replicasets', out: /^NAME +DESIRED +CURRENT +READY +AGE\nweb-\S+ +1 +1 +1 +\d+s\n$/, soon: true },
    {
      run: 'autoscale deployment web --min=1 --max=3 --cpu-percent=50',
      out: 'horizontalpodautoscaler.autoscaling/web autoscaled\n',
      err: /^$|deprecated/,
    },
    { run: 'get hpa web --no-headers', out: /^web +Deployment\/web +(cpu: )?<unknown>\/50% +1 +3 +0 +\d+s\n$/ },
    { run: 'get horizontalpodautoscalers.v1.autoscaling web -o jsonpath={.spec.targetCPUUtilizationPercentage}', out: '50' },
    {
      run: 'autoscale deployment web --max=3',
      code: 1,
      err: {
        '1.26': /^[Ee]rror.*horizontalpodautoscalers\.autoscaling "web" already exists\n$/,
        '1.35': /^error: .*(already exists|empty input)\n$/,
      },
    },
    { run: 'autoscale deployment web --min=4 --max=3', code: 1, err: /^error: --max=MAXPODS must be larger or equal to --min=MINPODS/ },
    { run: 'describe hpa web', out: /^Name: +web\n[^]*Min replicas: +1\nMax replicas: +3\n/ },
  ],
}
