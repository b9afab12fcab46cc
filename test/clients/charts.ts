import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const write = (folder: string, files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** A pod that helm runs at a time of a release. */
const hook = (name: string, { at, weight, policy, script }: { at: string; weight: number; policy: string; script: string }) => `
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-${name}
  annotations: {helm.sh/hook: "${at}", helm.sh/hook-weight: "${weight}", helm.sh/hook-delete-policy: "${policy}"}
spec:
  terminationGracePeriodSeconds: 0
  restartPolicy: Never
  containers: [{name: main, image: "http:1", command: [sh, -c, ${JSON.stringify(script)}]}]
`

/** A kind of its own for each release of the tests, so that two never share a definition. */
const definition = (kind: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${kind.toLowerCase()}s.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: ${kind}, plural: ${kind.toLowerCase()}s}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, properties: {size: {type: integer}}}}
`

/** A chart with what charts have: a definition in crds/ and an object of it, hooks, a dependency, `lookup`. */
export function writeChart(folder: string, kind: string): void {
  write(folder, {
    'Chart.yaml': `
apiVersion: v2
name: whole
version: 0.1.0
dependencies: [{name: part, version: 0.1.0, repository: "", condition: part.enabled}]
`,
    'values.yaml': 'size: 1\nfails: false\npart: {enabled: true, text: from-parent}\n',
    [`crds/${kind.toLowerCase()}.yaml`]: definition(kind),
    'templates/NOTES.txt': 'size is {{ .Values.size }}\n',
    'templates/custom.yaml': `
apiVersion: example.com/v1
kind: ${kind}
metadata: {name: {{ .Release.Name }}}
spec: {size: {{ .Values.size }}}
`,
    'templates/settings.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-settings}
data:
  size: "{{ .Values.size }}"
  {{- $seen := lookup "v1" "ConfigMap" .Release.Namespace "seen" }}
  seen: "{{ if $seen }}{{ $seen.data.k }}{{ else }}nothing{{ end }}"
  namespaces: "{{ if gt (len (lookup "v1" "Namespace" "" "").items) 3 }}several{{ end }}"
  api: "{{ .Capabilities.APIVersions.Has "apps/v1/Deployment" }} {{ .Capabilities.KubeVersion.Major }}"
`,
    'templates/first.yaml': hook('first', { at: 'pre-install', weight: -5, policy: 'before-hook-creation', script: 'echo first' }),
    'templates/second.yaml': hook('second', { at: 'pre-install', weight: 5, policy: 'before-hook-creation', script: 'echo second' }),
    'templates/gone.yaml': hook('gone', { at: 'post-install', weight: 0, policy: 'hook-succeeded', script: 'echo gone' }),
    'templates/upgrade.yaml': hook('upgrade', {
      ...{ at: 'pre-upgrade', weight: 0, policy: 'before-hook-creation,hook-succeeded' },
      script: 'exit {{ if .Values.fails }}1{{ else }}0{{ end }}',
    }),
    'templates/farewell.yaml': hook('farewell', { at: 'pre-delete', weight: 0, policy: 'before-hook-creation', script: 'echo bye' }),
    'charts/part/Chart.yaml': 'apiVersion: v2\nname: part\nversion: 0.1.0\n',
    'charts/part/values.yaml': 'text: own\n',
    'charts/part/templates/part.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-part}
data: {text: {{ .Values.text }}}
`,
  })
}
