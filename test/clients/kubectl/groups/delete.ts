import { deployment, pod, twoConfigMaps } from '../manifests.ts'
import type { Group } from '../step.ts'

const deleted = (what: string, more = '') => new RegExp(`^${what} deleted( from remove namespace)?${more}\n$`)

/** Ends: by name, selector, file, with what they own or without, now or in peace. */
export const remove: Group = {
  name: 'remove',
  steps: [
    { run: 'create -f -', input: twoConfigMaps, out: 'configmap/a created\nconfigmap/b created\n' },
    {
      run: 'delete cm a --dry-run=server',
      out: /^configmap "a" deleted \(server dry run\)( from remove namespace)?\n$|^configmap "a" deleted from remove namespace \(server dry run\)\n$/,
    },
    { run: 'delete cm a', out: deleted('configmap "a"') },
    { run: 'delete cm a', code: 1, err: 'Error from server (NotFound): configmaps "a" not found\n' },
    { run: 'delete cm a --ignore-not-found', out: '' },
    { run: 'delete cm b -o name', out: 'configmap/b\n' },
    { run: 'create -f -', input: twoConfigMaps, out: 'configmap/a created\nconfigmap/b created\n' },
    { run: 'delete -f -', input: twoConfigMaps, out: /^configmap "a" deleted[^\n]*\nconfigmap "b" deleted[^\n]*\n$/ },
    { run: 'create -f -', input: twoConfigMaps, out: 'configmap/a created\nconfigmap/b created\n' },
    { run: 'delete cm -l tier=x', out: deleted('configmap "a"') },
    { run: 'delete cm --field-selector=metadata.name=b', out: deleted('configmap "b"') },
    { run: 'delete secrets --all', out: 'No resources found\n' },
    { run: 'create -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web created\n' },
    { run: 'rollout status deployment/web', out: /successfully rolled out\n$/ },
    { run: 'delete deployment web --cascade=orphan', out: deleted('deployment\\.apps "web"') },
    { run: 'get rs,pods -l app=web --no-headers', out: /^replicaset\.apps\/web-\S+ +1 +1 +1 +\d+s\n\s*pod\/web-\S+ +1\/1 +Running/ },
    { run: 'delete rs -l app=web --cascade=foreground', out: deleted('replicaset\\.apps "web-\\S+"') },
    { run: 'get pods -l app=web -o name', out: '' },
    { run: 'create -f -', input: deployment(1, 'a:1'), out: 'deployment.apps/web created\n' },
    { run: 'delete deployment web --cascade=background', out: deleted('deployment\\.apps "web"') },
    { run: 'wait --for=delete pod -l app=web', out: /^$|condition met\n$/, err: /^$|^error: no matching resources found\n$/, soon: true },
    { run: 'create -f -', input: pod('p'), out: 'pod/p created\n' },
    { run: 'delete pod p --now', out: deleted('pod "p"') },
    { run: 'create -f -', input: pod('p'), out: 'pod/p created\n' },
    {
      run: 'delete pod p --grace-period=0 --force',
      out: /^pod "p" force deleted/,
      err: /^$|^[Ww]arning: Immediate deletion does not wait/,
    },
    { run: `create -f - --dry-run=server -o name`, input: pod('p'), out: 'pod/p\n' },
    { run: 'create configmap kept --from-literal=a=b', out: 'configmap/kept created\n' },
    { run: `patch cm kept -p '{"metadata":{"finalizers":["example.com/keep"]}}'`, out: 'configmap/kept patched\n' },
    { run: 'delete cm kept --wait=false', out: deleted('configmap "kept"') },
    { run: 'get cm kept -o jsonpath={.metadata.finalizers}', out: '["example.com/keep"]' },
    {
      run: 'wait --for=delete cm/kept --timeout=0',
      code: 1,
      err: /^error: (condition not met for|timed out waiting for the condition on) configmaps\/kept\n$/,
    },
    { run: `patch cm kept --type=merge -p '{"metadata":{"finalizers":null}}'`, out: 'configmap/kept patched\n' },
    { run: 'wait --for=delete cm/kept', out: /^$|^configmap\/kept condition met\n$/, err: /^$|not found/ },
    { run: 'delete all --all', out: 'No resources found\n' },
    { run: 'delete', code: 1, err: /^error: You must provide one or more resources by argument or filename/ },
    { run: 'create namespace remove-more', out: 'namespace/remove-more created\n' },
    { run: 'create configmap x -n remove-more', out: 'configmap/x created\n' },
    { run: 'delete namespace remove-more', out: 'namespace "remove-more" deleted\n' },
    { run: 'get cm -n remove-more', out: '', err: 'No resources found in remove-more namespace.\n' },
  ],
}
