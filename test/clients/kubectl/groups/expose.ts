import { deployment } from '../manifests.ts'
import type { Group } from '../step.ts'

/** Pods and Services without a manifest: run, expose. */
export const expose: Group = {
  name: 'expose',
  steps: [
    { run: 'create -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web created\n' },
    { run: 'expose deployment web', out: 'service/web exposed\n' },
    { run: 'expose deployment web', code: 1, err: 'Error from server (AlreadyExists): services "web" already exists\n' },
    { run: 'expose deployment web --name=door --type=NodePort --port=8080 --target-port=80', out: 'service/door exposed\n' },
    {
      run: 'get service door',
      out: /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\ndoor +NodePort +10\.43\.\d+\.\d+ +<none> +8080:3\d{4}\/TCP +\d+s\n$/,
    },
    { run: 'rollout status deployment/web', out: /successfully rolled out\n$/ },
    { run: 'get endpoints web --no-headers', out: /^web +10\.\d+\.\d+\.\d+:80 +\d+s\n$/, soon: true },
    { run: 'get endpointslices -l kubernetes.io/service-name=web --no-headers', out: /^web-\S+ +IPv4 +80 +10\.\d+\.\d+\.\d+ +\d+s\n$/ },
    { run: 'describe service web', out: /^Endpoints: +10\.\d+\.\d+\.\d+:80\n/m },
    {
      run: 'run single --image=a:1 --port=80 --labels=app=single,x=y --env=A=1 --expose --restart=Never',
      out: 'service/single created\npod/single created\n',
    },
    { run: 'wait --for=condition=Ready pod/single', out: 'pod/single condition met\n' },
    { run: 'get pod single', out: /^NAME +READY +STATUS +RESTARTS +AGE\nsingle +1\/1 +Running +0 +\d+s\n$/ },
    { run: 'get pod single -o wide --no-headers', out: /^single +1\/1 +Running +0 +\d+s +10\.\S+ +pi-1 +<none> +<none>\n$/ },
    { run: 'expose pod single --name=other --port=80 --session-affinity=ClientIP', out: 'service/other exposed\n' },
    { run: 'expose service web --name=third --port=81 --target-port=80', out: 'service/third exposed\n' },
    { run: 'run dry --image=a:1 --dry-run=client -o name', out: 'pod/dry\n' },
    { run: 'run dry --image=a:1 --dry-run=server', out: 'pod/dry created (server dry run)\n' },
    { run: 'run single --image=a:1', code: 1, err: 'Error from server (AlreadyExists): pods "single" already exists\n' },
    {
      run: 'run Bad_ --image=a:1',
      code: 1,
      err: /^The Pod "Bad_" is invalid: \n?.*metadata\.name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain/,
    },
    { run: 'describe pod single', out: /^Status: +Running\n[^]*^Events:\n[^]*Scheduled/m },
  ],
}
