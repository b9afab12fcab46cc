/** A pod that no scheduler takes, of about 1.5 KB as it is stored without its owners. */
export const podOf = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'many', 'app.kubernetes.io/name': 'many', 'app.kubernetes.io/instance': 'many-1' } },
    spec: {
      schedulerName: 'nobody',
      containers: [
        {
          name: 'main',
          image: 'docker.io/library/busybox:1',
          command: ['sh', '-c', 'while true; do sleep 10; done'],
          env: [
            { name: 'A', value: '1' },
            { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          ],
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 },
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
          volumeMounts: [{ name: 'config', mountPath: '/etc/config', readOnly: true }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'many' } }],
    },
  })
