import type { Group } from '../step.ts'

/** What is there: api-resources, api-versions, explain, cluster-info, version. */
export const discovery: Group = {
  name: 'discovery',
  steps: [
    { run: 'api-resources --no-headers --api-group=apps', out: /^daemonsets +ds +apps\/v1 +true +DaemonSet$/m },
    { run: 'api-resources --namespaced=false -o name', out: /^namespaces\nnodes\n/m },
    { run: 'api-resources --verbs=create,patch --namespaced -o name', out: /^deployments\.apps$/m },
    {
      run: 'api-resources --api-group=autoscaling -o wide',
      out: /^horizontalpodautoscalers +hpa +autoscaling\/v2 +true +HorizontalPod.*watch/m,
    },
    { run: 'api-resources --categories=all -o name', since: '1.31', out: /^pods\n[^]*^services\n[^]*^deployments\.apps\n/m },
    { run: 'api-resources --sort-by=kind -o name', out: /^apiservices\.apiregistration\.k8s\.io$/m },
    { run: 'api-versions', out: /^apps\/v1\n[^]*^v1\n$/m },
    {
      run: 'explain deployment.spec.replicas',
      out: {
        '1.26': /^KIND: +Deployment\nVERSION: +apps\/v1\n\nFIELD: +replicas <integer>/,
        '1.31': /^GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n\nFIELD: replicas <integer>/,
      },
    },
    { run: 'explain pod --recursive', out: /containers\t<\[\](Container|Object)>[^]*image\t<string>/ },
    { run: 'explain hpa --api-version=autoscaling/v1', out: /KIND: +HorizontalPodAutoscaler/ },
    { run: 'explain pods.spec.nosuch', code: 1, err: 'error: field "nosuch" does not exist\n' },
    { run: 'explain nosuch', code: 1, err: /the server doesn't have a resource type "nosuch"\n$/ },
    { run: 'cluster-info', out: /is running at .*https:\/\/127\.0\.0\.1/ },
    { run: 'cluster-info dump -o json', out: /"kind": "NodeList"/ },
    { run: 'version -o yaml', out: /serverVersion:[^]*gitVersion: v1\.35\./, err: /^$|exceeds the supported minor version skew/ },
    { run: 'get --raw /healthz', out: 'ok' },
    { run: "get --raw '/livez?verbose'", out: /ping ok/ },
    { run: 'get --raw /apis/apps/v1', out: /"APIResourceList"/ },
    { run: 'get --raw /nowhere', code: 1, err: 'Error from server (NotFound): the server could not find the requested resource\n' },
  ],
}
