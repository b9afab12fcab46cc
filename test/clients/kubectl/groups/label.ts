import { twoConfigMaps } from '../manifests.ts'
import type { Group } from '../step.ts'

/** Labels and annotations. */
export const label: Group = {
  name: 'label',
  steps: [
    { run: 'create -f -', input: twoConfigMaps, out: 'configmap/a created\nconfigmap/b created\n' },
    { run: 'label cm a env=prod', out: 'configmap/a labeled\n' },
    { run: 'label cm a env=prod', out: 'configmap/a not labeled\n' },
    { run: 'label cm a env=test', code: 1, err: "error: 'env' already has a value (prod), and --overwrite is false\n" },
    { run: 'label cm a env=test --overwrite', out: 'configmap/a labeled\n' },
    { run: 'label cm a --list', out: /^env=test$/m },
    { run: 'label cm --all more=yes', out: /^configmap\/a labeled\nconfigmap\/b labeled\n(configmap\/kube-root-ca\.crt labeled\n)?$/ },
    { run: 'label cm -l tier=y more-', out: 'configmap/b unlabeled\n' },
    { run: 'label cm b nosuch-', out: 'label "nosuch" not found.\nconfigmap/b not labeled\n' },
    { run: 'label cm a env=test --overwrite --dry-run=server', out: /^configmap\/a not labeled( \(server dry run\))?\n$/ },
    {
      run: 'label cm a env=x --resource-version=1 --overwrite',
      code: 1,
      err: /^Error from server \(Conflict\): Operation cannot be fulfilled on configmaps "a": the object has been modified/,
    },
    {
      run: "label cm a 'env=a b' --overwrite",
      code: 1,
      err: /^error: invalid label value: "env=a b": a valid label must be an empty string or consist of/,
    },
    { run: 'annotate cm a note=one', out: 'configmap/a annotated\n' },
    {
      run: 'annotate cm a note=two',
      code: 1,
      err: "error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (one)\n",
    },
    { run: 'annotate cm a note=two --overwrite', out: 'configmap/a annotated\n' },
    { run: 'annotate cm a --list', out: 'note=two\n' },
    { run: 'annotate cm a note-', out: 'configmap/a annotated\n' },
    { run: 'get cm a -o jsonpath={.metadata.labels}{.metadata.annotations}', out: '{"env":"test","more":"yes","tier":"x"}' },
  ],
}
