import { custom, definition, deployment, oneConfigMap } from '../manifests.ts'
import type { Group } from '../step.ts'

const editor = (words: string) => ({ KUBE_EDITOR: words })

/** Declaring: apply in the client and in the server, diff, edit, replace. */
export const apply: Group = {
  name: 'apply',
  steps: [
    { run: 'diff -f -', input: deployment(1, 'a:1'), code: 1, out: /\+kind: Deployment\n/ },
    { run: 'apply -f - --dry-run=client', input: deployment(1, 'a:1'), out: 'deployment.apps/web created (dry run)\n' },
    { run: 'apply -f - --dry-run=server', input: deployment(1, 'a:1'), out: 'deployment.apps/web created (server dry run)\n' },
    { run: 'apply -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web created\n' },
    { run: 'diff -f -', input: deployment(1, 'a:1'), out: '' },
    { run: 'apply -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web unchanged\n' },
    {
      run: 'diff -f -',
      input: deployment(2, 'a:2'),
      code: 1,
      out: /^-  replicas: 1\n\+  replicas: 2\n[^]*^- +(- )?image: a:1\n\+ +(- )?image: a:2\n/m,
    },
    { run: 'apply -f -', input: deployment(2, 'a:2'), out: 'deployment.apps/web configured\n' },
    { run: 'get deployment web -o jsonpath={.spec.replicas}{.spec.template.spec.containers[*].image}', out: '2a:2' },
    { run: 'apply view-last-applied deployment/web -o json', out: /"image": "a:2"/ },
    { run: 'apply set-last-applied -f -', input: deployment(2, 'a:3'), out: 'deployment.apps/web configured\n' },
    { run: 'apply -f -', input: deployment(2, 'a:2'), out: 'deployment.apps/web configured\n' },
    {
      run: 'apply -f -',
      input: deployment(2, 'a:2').replace('"replicas"', '"replica"'),
      code: 1,
      err: /strict decoding error: unknown field "spec\.replica"\n$/,
    },
    {
      run: 'apply -f - --validate=false',
      input: deployment(2, 'a:2').replace('"replicas"', '"replica"'),
      out: 'deployment.apps/web configured\n',
    },
    { run: 'edit deployment web', env: editor('sed -i s/a:2/a:4/'), out: 'deployment.apps/web edited\n' },
    { run: 'edit deployment web', env: editor('true'), out: '', err: 'Edit cancelled, no changes made.\n' },
    {
      run: 'edit deployment web -o json --save-config',
      env: editor('sed -i s/a:4/a:5/'),
      out: /"kubectl\.kubernetes\.io\/last-applied-configuration"/,
    },
    {
      run: 'edit deployment web',
      env: editor("sed -i 's/replicas: 1/replicas: -1/'"),
      code: 1,
      err: /^error: deployments\.apps "web" is invalid\n/,
    },
    { run: 'replace -f -', input: deployment(3, 'a:6'), out: 'deployment.apps/web replaced\n' },
    {
      run: 'replace -f - --force --grace-period=0',
      input: deployment(1, 'a:7'),
      out: /deployment\.apps\/web replaced\n$/,
      err: /^$|^warning: Immediate deletion/,
    },
    { run: 'get deployment web -o jsonpath={..containers[0].image}', out: 'a:7' },
    {
      run: 'replace -f -',
      input: oneConfigMap('v'),
      code: 1,
      err: 'Error from server (NotFound): error when replacing "STDIN": configmaps "one" not found\n',
    },

    { run: 'apply --server-side -f -', input: oneConfigMap('v'), out: 'configmap/one serverside-applied\n' },
    { run: 'diff --server-side -f -', input: oneConfigMap('v'), out: '' },
    { run: 'diff --server-side -f -', input: oneConfigMap('w'), code: 1, out: /^-  k: v\n\+  k: w\n/m },
    {
      run: 'apply --server-side -f - --field-manager=other',
      input: oneConfigMap('w'),
      code: 1,
      err: /conflict with "kubectl": \.data\.k\n/,
    },
    {
      run: 'apply --server-side -f - --field-manager=other --force-conflicts',
      input: oneConfigMap('w'),
      out: 'configmap/one serverside-applied\n',
    },
    { run: 'apply -f -', input: oneConfigMap('x'), out: 'configmap/one configured\n' },
    {
      run: 'apply -f - --prune -l tier=x --prune-allowlist=core/v1/ConfigMap',
      since: '1.31',
      input: oneConfigMap('x'),
      out: 'configmap/one unchanged\n',
    },
    { run: 'apply --server-side -f -', input: deployment(1, 'a:7'), out: 'deployment.apps/web serverside-applied\n' },
    { run: 'apply --server-side --force-conflicts -f -', input: deployment(1, 'a:7'), out: 'deployment.apps/web serverside-applied\n' },

    { run: 'apply -f -', input: definition('Gadget'), out: 'customresourcedefinition.apiextensions.k8s.io/gadgets.example.com created\n' },
    { run: 'apply -f -', input: custom('Gadget', 1), out: 'gadget.example.com/one created\n' },
    { run: 'apply -f -', input: custom('Gadget', 1), out: 'gadget.example.com/one unchanged\n' },
    { run: 'apply -f -', input: custom('Gadget', 2), out: 'gadget.example.com/one configured\n' },
    { run: 'diff -f -', input: custom('Gadget', 3), code: 1, out: /^-  replicas: 2\n\+  replicas: 3\n/m },
    { run: 'get gad', out: /^NAME +SIZE\none +2\n$/ },
    { run: 'explain gadget.spec.replicas', out: /replicas <integer>/ },
    { run: 'edit gadget one', env: editor("sed -i 's/replicas: 2/replicas: 4/'"), out: 'gadget.example.com/one edited\n' },
    { run: 'scale gadget one --replicas=5', out: 'gadget.example.com/one scaled\n' },
    { run: 'describe gadget one', out: /^Spec:\n {2}Replicas: +5\n/m },
    {
      run: 'apply -f -',
      input: custom('Gadget', -1),
      code: 1,
      err: /The Gadget "one" is invalid: spec\.replicas: Invalid value: -1: spec\.replicas in body should be greater than or equal to 0\n/,
    },
    { run: `patch gadget one -p '{"spec":{"replicas":6}}' --type=merge`, out: 'gadget.example.com/one patched\n' },
    {
      run: `patch gadget one -p '{"spec":{"replicas":7}}'`,
      code: 1,
      err: /^error: application\/strategic-merge-patch\+json is not supported by example\.com\/v1, Kind=Gadget: the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml\n$/,
    },
    {
      run: 'delete -f -',
      input: definition('Gadget'),
      out: /^customresourcedefinition\.apiextensions\.k8s\.io "gadgets\.example\.com" deleted/,
    },
    {
      run: 'get gad',
      code: 1,
      err: /^(error: the server doesn't have a resource type "gad"|Error from server \(NotFound\): Unable to list "example\.com\/v1, Resource=gadgets": the server could not find the requested resource)\n$/,
    },
  ],
}
