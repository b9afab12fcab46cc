import type { Policy } from './policy.ts'

/**
 * What is written down when nobody has said what: who changed what, who read a Secret or looked into a container, and who was turned away; no
 * bodies, and nothing of reading what is no secret. The hub's own parts are left out beside (`createAudit`): they act on what people have asked for.
 */
export const defaultPolicy: Policy = {
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [
    // What each program tells of itself again and again.
    {
      level: 'None',
      resources: [
        { group: '', resources: ['events'] },
        { group: 'events.k8s.io', resources: ['events'] },
        { group: 'coordination.k8s.io', resources: ['leases'] },
      ],
    },
    // Nodes say how they and their pods are, and read what those pods name.
    { level: 'None', userGroups: ['system:nodes'], verbs: ['get', 'list', 'watch'] },
    {
      level: 'None',
      userGroups: ['system:nodes'],
      resources: [{ group: '', resources: ['nodes', 'nodes/status', 'pods/status', 'serviceaccounts/token'] }],
    },
    // Asking what one may do changes nothing.
    {
      level: 'None',
      userGroups: ['system:authenticated'],
      resources: [
        { group: 'authorization.k8s.io', resources: ['*'] },
        { group: 'authentication.k8s.io', resources: ['selfsubjectreviews'] },
      ],
    },
    // A watch of Secrets is told of when it begins.
    { level: 'Metadata', verbs: ['watch'], resources: [{ group: '', resources: ['secrets'] }], omitStages: ['ResponseComplete'] },
    {
      level: 'Metadata',
      resources: [
        {
          group: '',
          resources: ['secrets', 'pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy', 'nodes/proxy'],
        },
      ],
    },
    { level: 'Metadata', nonResourceURLs: ['/logs/*'] },
    { level: 'None', nonResourceURLs: ['*'] },
    { level: 'None', userGroups: ['system:authenticated'], verbs: ['get', 'list', 'watch'] },
    // Every change, and whatever strangers ask for.
    { level: 'Metadata' },
  ],
}
