import { deployment } from '../manifests.ts'
import type { Group } from '../step.ts'

/** From one revision to the next and back. */
export const rollout: Group = {
  name: 'rollout',
  steps: [
    { run: 'create -f -', input: deployment(2, 'a:1'), out: 'deployment.apps/web created\n' },
    { run: 'annotate deployment web kubernetes.io/change-cause=first', out: 'deployment.apps/web annotated\n' },
    { run: 'rollout status deployment/web', out: /deployment "web" successfully rolled out\n$/ },
    { run: 'set image deployment/web main=a:2', out: 'deployment.apps/web image updated\n' },
    { run: 'annotate deployment web kubernetes.io/change-cause=second --overwrite', out: 'deployment.apps/web annotated\n' },
    { run: 'rollout status deployment web --watch', out: /deployment "web" successfully rolled out\n$/ },
    { run: 'rollout history deployment/web', out: /^deployment\.apps\/web \nREVISION +CHANGE-CAUSE\n1 +first\n2 +second\n\n$/, soon: true },
    {
      run: 'rollout history deployment/web --revision=1',
      out: /^deployment\.apps\/web with revision #1\nPod Template:\n[^]*Image:\ta:1\n/,
    },
    { run: 'rollout history deployment/web --revision=9', code: 1, err: /^error: unable to find the specified revision\n$/ },
    { run: 'rollout undo deployment/web --to-revision=1 --dry-run=server', out: /deployment\.apps\/web .*server dry run/ },
    { run: 'rollout undo deployment/web', out: 'deployment.apps/web rolled back\n' },
    { run: 'rollout status deployment/web', out: /deployment "web" successfully rolled out\n$/ },
    { run: 'get deployment web -o jsonpath={..containers[0].image}', out: 'a:1' },
    { run: 'rollout history deployment/web', out: /\n2 +second\n3 +first\n\n$/, soon: true },
    { run: 'rollout undo deployment/web --to-revision=9', code: 1, err: /^error: unable to find specified revision 9 in history\n$/ },
    { run: 'rollout pause deployment/web', out: 'deployment.apps/web paused\n' },
    { run: 'rollout pause deployment/web', code: 1, err: 'error: deployments.apps "web" is already paused\n' },
    { run: 'rollout restart deployment/web', code: 1, err: /can't restart paused deployment \(run rollout resume first\)/ },
    { run: 'rollout undo deployment/web', code: 1, err: /you cannot rollback a paused deployment; resume it first/ },
    { run: 'rollout resume deployment/web', out: 'deployment.apps/web resumed\n' },
    { run: 'rollout restart deployment/web', out: 'deployment.apps/web restarted\n' },
    { run: 'rollout status deployment/web', out: /deployment "web" successfully rolled out\n$/ },
    { run: 'get deployment web -o jsonpath={.spec.template.metadata.annotations}', out: /^\{"kubectl\.kubernetes\.io\/restartedAt":"/ },
    { run: 'get pods -l app=web --no-headers', out: /^(web-\S+ +1\/1 +Running +0 +\d+s\n){2}$/, soon: true },
    { run: 'rollout status deployment/none', code: 1, err: 'Error from server (NotFound): deployments.apps "none" not found\n' },
    { run: 'rollout status configmap/none', code: 1, err: /^[Ee]rror/ },
    {
      run: 'describe deployment web',
      out: /^Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable\n[^]*ScalingReplicaSet/m,
    },
  ],
}
