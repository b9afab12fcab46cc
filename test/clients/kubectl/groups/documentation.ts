import { readdirSync, readFileSync } from 'node:fs'
import type { Group } from '../step.ts'

/** Manifests of everyday life, from the folder that stands beside the clone. */
const folder = new URL('../../../../../shared/manifests/', import.meta.url).pathname
const website = readdirSync(`${folder}website`).map((name) => `${folder}website/${name}`)

/** What a file makes, by kind and name: several call their object the same. */
const namesIn = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^kind: *(\S+)\n(?:.*\n)*?metadata:\n {2}name: *(\S+)/gm)].map(
    ([, kind, name]) => `${kind} ${name}`,
  )

const apart: string[] = []
const taken = new Set<string>()
for (const file of website) {
  const names = namesIn(file)
  if (names.some((name) => taken.has(name))) continue
  for (const name of names) taken.add(name)
  apart.push(file)
}
const files = apart.map((file) => `-f ${file}`).join(' ')

/** What the documentation of Kubernetes tells people to apply, and two of its files that an apiserver must refuse. */
export const documentation: Group = {
  name: 'documentation',
  anywhere: true,
  steps: [
    { run: `apply --dry-run=server -f ${folder}website`, out: /^([^\n]+ created \(server dry run\)\n)+$/ },
    { run: `apply ${files}`, out: /^([^\n]+ created\n)+$/ },
    { run: `diff ${files}`, out: '' },
    { run: `apply ${files}`, out: /^([^\n]+ (unchanged|configured)\n)+$/ },
    { run: `diff ${files}`, out: '' },
    {
      run: `apply -f ${folder}refused/website-deployment-replicas-policy.v1alpha1.yaml`,
      code: 1,
      err: /no matches for kind "ValidatingAdmissionPolicy" in version "admissionregistration\.k8s\.io\/v1alpha1"/,
    },
    {
      run: `apply -f ${folder}refused/website-pod-with-node-affinity.yaml`,
      code: 1,
      err: /requiredDuringSchedulingIgnoredDuringExecution/,
    },
  ],
}
