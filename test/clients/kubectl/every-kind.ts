import { exampleOf } from '@bramble/hub/apiserver/testing/examples.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import type { Group } from './step.ts'

/** Those that people make: an APIService is called as its group and version, and nobody applies an Event or a Binding. */
const all = kinds.filter(
  ({ verbs, kind }) => verbs?.includes('create') !== false && !['APIService', 'Binding', 'Event', 'Namespace', 'Node'].includes(kind),
)
const name = 'every-kind'

/** Each has a name of its own: Endpoints that are called as a Service are kept by the hub. */
const manifest = (of: readonly (typeof kinds)[number][], label: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: of.map((kind) => {
      const example = exampleOf(kind, `x-${kind.resource}-${kind.version}`)
      const metadata = { ...example.metadata, ...(kind.namespaced && { namespace: name }), labels: { label } }
      return { ...example, metadata }
    }),
  })

/** As many lines as kinds, each ending in that. */
const each = (end: string, count = all.length) => [new RegExp(`^.* ${end}$`, 'gm'), count] as const
/** kubectl 1.31 asks for these in versions that were trials. */
const trials = ['IPAddress', 'ServiceCIDR', 'VolumeAttributesClass']
const described = all.filter(({ kind }) => !trials.includes(kind))
const placeOf = ({ resource, version, group }: (typeof kinds)[number]) =>
  `${group === '' ? resource : `${resource}.${version}.${group}`}/x-${resource}-${version}`
const scaled = all.filter(({ subresources }) => subresources?.scale !== undefined)

/** Every verb that fits a kind, on one of each. */
export const everyKind: Group = {
  name,
  steps: [
    { run: 'apply -f -', input: manifest(all, 'a'), times: each('created') },
    { run: 'diff -f -', input: manifest(all, 'a'), out: '' },
    { run: 'apply -f -', input: manifest(all, 'a'), times: each('(unchanged|configured)') },
    { run: 'diff -f -', input: manifest(all, 'b'), code: 1, out: /^-    label: a\n\+    label: b\n/m },
    { run: 'apply -f -', input: manifest(all, 'b'), times: each('configured') },
    { run: 'get -f - -o name', input: manifest(all, 'b'), times: [/^.+$/gm, all.length] },
    { run: 'get -f - -o wide', input: manifest(all, 'b'), times: [/^\S*(x-|ipaddress)/gm, all.length] },
    { run: 'get -f - -o yaml', input: manifest(all, 'b'), out: /^apiVersion: v1\nitems:\n/ },
    { run: 'get -f - -o json', input: manifest(all, 'b'), out: /"kind": "List"/ },
    { run: 'describe -f -', input: manifest(described, 'b'), times: [/^Name: +x/gm, described.length] },
    { run: 'label -f - more=yes', input: manifest(all, 'b'), times: each('labeled') },
    { run: 'annotate -f - note=yes', input: manifest(all, 'b'), times: each('annotated') },
    { run: `patch -f - --type=merge -p '{"metadata":{"labels":{"more":"no"}}}'`, input: manifest(all, 'b'), times: each('patched') },
    { run: `patch -f - --type=strategic -p '{"metadata":{"labels":{"more":null}}}'`, input: manifest(all, 'b'), times: each('patched') },
    {
      run: `patch -f - --type=json -p '[{"op":"remove","path":"/metadata/annotations/note"}]'`,
      input: manifest(all, 'b'),
      times: each('patched'),
    },
    { run: 'edit -f -', input: manifest(all, 'b'), env: { KUBE_EDITOR: "sed -i 's/label: b/label: c/'" }, times: each('edited') },
    { run: 'replace -f -', input: manifest(all, 'd'), times: each('replaced') },
    { run: 'apply --server-side --force-conflicts -f -', input: manifest(all, 'e'), times: each('serverside-applied') },
    { run: 'get -f - -o jsonpath={.items[*].metadata.labels.label}', input: manifest(all, 'e'), out: all.map(() => 'e').join(' ') },
    { run: `scale ${scaled.map(placeOf).join(' ')} --replicas=0`, times: each('scaled', scaled.length) },
    { run: 'delete -f - --wait=false', input: manifest(all, 'e'), times: [/^.* deleted.*$/gm, all.length] },
    // One of each group: to read the documents takes kubectl a second each time.
    ...[...new Map(all.map((each) => [apiVersionOf(each), each])).values()].map((each) => ({
      run: `explain ${each.resource} --api-version=${apiVersionOf(each)}`,
      out: new RegExp(`^KIND: +${each.kind}\\n`, 'm'),
    })),
  ],
}
