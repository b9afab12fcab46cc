import { deployment, roles, service } from '../manifests.ts'
import type { Group } from '../step.ts'

/** One thing of a template or a binding. */
export const set: Group = {
  name: 'set',
  steps: [
    { run: 'create -f -', input: deployment(0, 'a:1'), out: 'deployment.apps/web created\n' },
    { run: 'set image deployment/web *=a:2', out: 'deployment.apps/web image updated\n' },
    { run: 'set image deployment/web nosuch=a:2', code: 1, err: 'error: unable to find container named "nosuch"\n' },
    { run: 'set env deployment/web A=1 B=2', out: 'deployment.apps/web env updated\n' },
    { run: 'set env deployment/web B-', out: 'deployment.apps/web env updated\n' },
    { run: 'set env deployment/web --list', out: '# Deployment web, container main\nA=1\n' },
    { run: 'create configmap settings --from-literal=c=3', out: 'configmap/settings created\n' },
    { run: 'set env deployment/web --from=configmap/settings', out: 'deployment.apps/web env updated\n' },
    { run: 'get deployment web -o jsonpath={..env[1].valueFrom}', out: '{"configMapKeyRef":{"key":"c","name":"settings"}}' },
    {
      run: 'set resources deployment web --limits=cpu=200m,memory=64Mi --requests=cpu=100m',
      out: 'deployment.apps/web resource requirements updated\n',
    },
    { run: 'get deployment web -o jsonpath={..resources}', out: '{"limits":{"cpu":"200m","memory":"64Mi"},"requests":{"cpu":"100m"}}' },
    {
      run: 'set resources deployment web --requests=cpu=300m',
      code: 1,
      err: /spec\.template\.spec\.containers\[0\]\.resources\.requests: Invalid value: "300m": must be less than or equal to cpu limit of 200m\n$/,
    },
    { run: 'set serviceaccount deployment web default', out: 'deployment.apps/web serviceaccount updated\n' },
    { run: 'create -f -', input: service, out: 'service/web created\n' },
    { run: 'set selector service web app=web,tier=x', out: 'service/web selector updated\n' },
    { run: 'get service web -o jsonpath={.spec.selector}', out: '{"app":"web","tier":"x"}' },
    {
      run: 'create -f -',
      input: roles('set'),
      out: 'role.rbac.authorization.k8s.io/reader created\nrolebinding.rbac.authorization.k8s.io/readers created\n',
    },
    {
      run: 'set subject rolebinding readers --group=devs --serviceaccount=set:ci',
      out: 'rolebinding.rbac.authorization.k8s.io/readers subjects updated\n',
    },
    { run: 'get rolebinding readers -o jsonpath={.subjects[*].name}', out: 'jo devs ci' },
  ],
}
